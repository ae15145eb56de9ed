"""The public REST API below /v1: programs with an API key do here what members do on pages, through the same actions.

A resource is a module of this package, named like its address, and a line in `RESOURCES`. Each function is one operation:

    @operation(
        "updateTag",                        # operationId, as the contract names it
        "PATCH",
        "/tags/<uuid:tag_id>",              # below /v1
        summary="Change a tag",
        scopes=("tags:write",),             # names of accounts.scopes; all of them are needed
        body=TagUpdate,                     # a Body (see bodies): strict, unknown names are refused
        answer=TagShape,                    # a Shape (see answers): what stands in {"data": ...}
        errors=(400, 404, 409),             # for the document; 401, 403 and 429 stand there by themselves
    )
    def update(tag_id: UUID, body: TagUpdate) -> TagShape:
        tag = queries.get(caller().workspace.id, tag_id) or nothing()
        actions.edit(tag, name=body.name, user=caller().user)
        return shown(tag)

- `caller()` (see callers) is the key, its workspace, and the member whom it stands for. Everything starts from there: there is
  never a workspace in a request, and what another workspace has is 404 like what does not exist.
- Return a Shape for {"data": ...}, `Listed` for a page of them (see paging), None for 204.
- Raise what actions raise: MailrithError becomes the error envelope. `Invalid.field` is the JSON path that has to change.
- The edge commits once, after the function. One that has to wait for the network commits before and goes on without a
  transaction.
- `idempotency="optional"` or "required": the answer is kept for a day with that transaction, and given again (accounts.repeats).
- `status=202` or 201 is the success other than 200. `max_bytes` is the largest body, 1 MB unless it says otherwise.

Tests walk over the address map: an operation without a scope, a shape or a place in openapi.json fails there.
"""

from importlib import import_module

from flask import Flask

RESOURCES = (
    "mailrith.api.discovery",
    "mailrith.api.workspace",
    "mailrith.api.email_delivery_connections",
    "mailrith.api.connection_setups",
    "mailrith.api.messages",
)


def register(app: Flask) -> None:
    """Add the API. A bearer key proves each request and no cookie counts, so there is nothing to forge."""
    from mailrith.api import errors, nowhere, operations, rates
    from mailrith.api.cookies import PageSessions

    for module in RESOURCES:
        import_module(module)
    rates.register(app)
    blueprint = operations.blueprint()
    errors.register(blueprint)
    nowhere.register(blueprint)
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)
    app.session_interface = PageSessions()
