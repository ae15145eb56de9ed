"""What stands at the end of every broadcast and cannot be taken out."""

from dataclasses import dataclass

from mailrith.content.characters import many_lines, one_line


@dataclass(frozen=True, slots=True)
class Footer:
    """workspace_name: who writes. postal_address: lines as they were typed; a commercial mail has to
    carry one (CAN-SPAM, 15 U.S.C. 7704(a)(5)); empty only while a draft is previewed.
    """

    workspace_name: str
    postal_address: str = ""

    @property
    def name(self) -> str:
        return one_line(self.workspace_name).strip()

    @property
    def address(self) -> str:
        lines = (line.strip(" ,") for line in many_lines(self.postal_address).split("\n"))
        return ", ".join(line for line in lines if line)

    @property
    def reason(self) -> str:
        return f"You get this because you subscribed to {self.name}."
