/** The access log and the forms of its lines, loaded with the first that is asked for: most sidecars write none. */
import { commonFormat } from "./common.ts";
import { jsonFormat } from "./json.ts";

export { AccessLog } from "./access-log.ts";

export const FORMATS = { json: jsonFormat, common: commonFormat };
