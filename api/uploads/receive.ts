import type { Multipart } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { Problem } from "../problem.ts";
import { bundleName, MAX_NAME, nameFromPaths } from "./file-path.ts";
import { brokenOff, type Intake, tooManyFiles } from "./intake.ts";

/** Reads an upload into an intake, several files as multipart or one as the body itself, and returns what the bundle is called. */
export async function receive(request: FastifyRequest, intake: Intake, given: string | undefined, mostFiles: number): Promise<string> {
  const coding = request.headers["content-encoding"] ?? "identity";
  if (coding.toLowerCase() !== "identity") throw encoded();
  const stated = given === undefined ? null : bundleName(given);
  const field = request.isMultipart() ? await receiveParts(request, intake, mostFiles) : await receiveBody(request, intake, given);
  if (intake.bytes === 0) throw empty();
  return stated ?? field ?? nameFromPaths(intake.files.map(({ path }) => path));
}

async function receiveBody({ raw }: FastifyRequest, intake: Intake, name: string | undefined): Promise<null> {
  if (name === undefined)
    throw new Problem(400, "bad-upload", "A single file as the body needs its name.", {
      whatToDo: "Add ?name=server.pcapng, or send files as multipart/form-data.",
    });
  // Breaking off must leave the connection, for the answer goes over it.
  await intake.take(name, raw.iterator({ destroyOnReturn: false }));
  return null;
}

/** Returns the bundle's name where a field says it. */
async function receiveParts(request: FastifyRequest, intake: Intake, mostFiles: number): Promise<string | null> {
  let name: string | null = null;
  const limits = {
    files: mostFiles + 1,
    fields: 4,
    fieldSize: 4 * MAX_NAME,
    parts: mostFiles + 6,
    headerPairs: 20,
    fileSize: Number.POSITIVE_INFINITY,
  };
  const parts = request.parts({ preservePath: true, limits });
  for (;;) {
    const part = await nextPart(parts, mostFiles);
    if (part === null) return name;
    if (await isLeftEmpty(part)) continue;
    if (part.type === "file") await intake.take(nameOf(part), part.file);
    else if (part.fieldname === "name" && typeof part.value === "string") name = bundleName(part.value);
    else
      throw new Problem(400, "bad-upload", "The upload has a field that is not known.", {
        whatToDo: "Send files, each with its path as filename, and at most the field name.",
      });
  }
}

/** What a form sends of a field for a file that nobody chose: a file without name and content, or nothing as text. */
async function isLeftEmpty(part: Multipart): Promise<boolean> {
  if (part.type === "field") return part.fieldname !== "name" && part.value === "";
  if (nameOf(part) !== "") return false;
  for await (const chunk of part.file) if (chunk.length > 0) return false;
  return true;
}

/** The parser's types do not say that a part that is no text may lack a filename. */
function nameOf({ filename }: { readonly filename: string | undefined }): string {
  return filename ?? "";
}

async function nextPart(parts: AsyncIterator<Multipart>, mostFiles: number): Promise<Multipart | null> {
  try {
    const { done, value } = await parts.next();
    return done ? null : value;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "FST_FILES_LIMIT" || code === "FST_PARTS_LIMIT") throw tooManyFiles(mostFiles);
    if (code === "FST_MP_PREMATURE_CLOSE") throw brokenOff(error);
    throw new Problem(400, "bad-upload", "The multipart body is malformed or ends too early.", {
      whatToDo: "Nothing was kept. Let a library build the body; curl does with -F file=@path.",
      cause: error,
    });
  }
}

/** Stored as it comes it would not be the file that was meant: RFC 9110 section 15.5.16. */
function encoded(): Problem {
  return new Problem(415, "unsupported-type", "The body may not have a Content-Encoding.", {
    whatToDo: "Send the files as they are. Compressed evidence (zip, tar.gz, gz) is a file like any other and is unpacked here.",
    headers: { "accept-encoding": "identity" },
  });
}

function empty(): Problem {
  return new Problem(400, "bad-upload", "The upload holds nothing: no file, or only empty ones.", {
    whatToDo: "Send files as multipart/form-data, or one file as the body with ?name=.",
  });
}
