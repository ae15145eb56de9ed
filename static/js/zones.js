// Where the person sits is the first guess for a time zone. Only a guess: whatever was chosen before stays.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

document.querySelectorAll("select[data-zone-guess]").forEach((select) => {
  if (select.value === "UTC" && [...select.options].some((option) => option.value === here)) select.value = here;
});
document.querySelectorAll('input[type="hidden"][name="time_zone"]').forEach((input) => {
  if (!input.value) input.value = here;
});
