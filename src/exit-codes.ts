/** What the process ends with; nothing else. */
export const EXIT_DONE = 0;
/** It could not be done: port in use, no rights, rules that do not exempt us. */
export const EXIT_FAILED = 1;
/** Usage or configuration. */
export const EXIT_USAGE = 2;
