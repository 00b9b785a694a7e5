/** Hostile changes to what Odoo believes of a set of updates before it offers one, and to which part of a file it reads. */
import type { RoomMutations } from "../../dev/mutation.ts";

const contract = (name: string) => `odoo_addon/biometric_attendance/contract/${name}.py`;
const [set, file] = [contract("update_set"), contract("wire_file")];

const list: RoomMutations = {
  unittest: "tests/engine",
  unittestFiles: "test_update_*.py",
  mutations: [
    {
      says: "one person signs a list of files",
      file: set,
      from: '"targets": 2, "snapshot": 1',
      to: '"targets": 1, "snapshot": 1',
    },
    {
      says: "one person signs a root document",
      file: set,
      from: '{"root": 2,',
      to: '{"root": 1,',
    },
    {
      says: "how many have to sign, the root document does not say",
      file: set,
      from: 'max(wanted["threshold"], LEAST_SIGNERS[role])',
      to: "LEAST_SIGNERS[role]",
    },
    {
      says: "who signs for one role signs for another",
      file: set,
      from: 'one["keyid"] not in wanted["keyids"] or ',
      to: "",
    },
    {
      says: "a key goes under the name of another",
      file: set,
      from: ' or key_id(key) != one["keyid"]',
      to: "",
    },
    {
      says: "one key signs for two",
      file: set,
      from: 'signers.add(one["keyid"])',
      to: "signers.add(id(one))",
    },
    {
      says: "a signature is not looked at",
      file: set,
      from: 'if is_signed(key, one["sig"], text):',
      to: "if text:",
    },
    {
      says: "documents of two sets are mixed",
      file: set,
      from: 'if pin is not None and (read["version"], digest(document["signed"])) != pin:',
      to: "if pin is not None and pin == ():",
    },
    {
      says: "of what belongs together only the number is compared",
      file: set,
      from: '(read["version"], digest(document["signed"])) != pin',
      to: 'read["version"] != pin[0]',
    },
    {
      says: "an older set counts",
      file: set,
      from: "if have < seen:",
      to: "if have < 0:",
    },
    {
      says: "the set that was seen last is refused",
      file: set,
      from: "if have < seen:",
      to: "if have <= seen:",
    },
    {
      says: "what has expired counts",
      file: set,
      from: 'if read["expires"] <= now:',
      to: 'if read["expires"] is None:',
    },
    {
      says: "the moment of the end still counts",
      file: set,
      from: 'if read["expires"] <= now:',
      to: 'if read["expires"] < now:',
    },
    {
      says: "an expired root counts",
      file: set,
      from: '    _fresh(keys, "root", now)\n',
      to: "",
    },
    {
      says: "a root in between may be missing",
      file: set,
      from: 'if wanted["version"] != before["version"] + 1:',
      to: 'if wanted["version"] < before["version"]:',
    },
    {
      says: "a new root is signed by its own people alone",
      file: set,
      from: '        _signed_by("root", following, before)\n',
      to: "",
    },
    {
      says: "the first root's own signatures are not looked at",
      file: set,
      from: '    _signed_by("root", newest, _read("root", newest))\n',
      to: "",
    },
    {
      says: "what was believed is forgotten",
      file: set,
      from: "newest = trusted or roots[0]",
      to: "newest = roots[0]",
    },
    {
      says: "it is fresh until the last of it ends",
      file: set,
      from: 'min(read["expires"] for',
      to: 'max(read["expires"] for',
    },
    {
      says: "metadata of any size is read",
      file: set,
      from: "if len(data) > MAX_BYTES:",
      to: "if len(data) > 2 * MAX_BYTES:",
    },
    {
      says: "any depth is read",
      file: set,
      from: "except (ValueError, RecursionError) as error:",
      to: "except ValueError as error:",
    },
    {
      says: "any number of roots is proven",
      file: set,
      from: "1 <= len(roots) <= MAX_ROOTS",
      to: "1 <= len(roots)",
    },
    {
      says: "any number of signatures is proven",
      file: set,
      from: " and len(signatures) <= MAX_SIGNATURES",
      to: "",
    },
    {
      says: "a signature of any length is read",
      file: set,
      from: '        and len(one["sig"]) <= 128\n',
      to: "",
    },
    {
      says: "a signature without a key's name is read",
      file: set,
      from: '        and _is_hex(one.get("keyid"))\n',
      to: "",
    },
    {
      says: "one document stands in another's place",
      file: set,
      from: 'signed.get("_type") != role\n        or not',
      to: "not",
    },
    {
      says: "a set without a number counts",
      file: set,
      from: 'not _is_whole(signed.get("version"), 1)',
      to: 'not signed.get("version")',
    },
    {
      says: "true is a number",
      file: set,
      from: " and not isinstance(value, bool)",
      to: "",
    },
    {
      says: "a moment of another zone is read as UTC",
      file: set,
      from: "        or not _INSTANT.match(expires)\n",
      to: "",
    },
    {
      says: "a file of any board is listed",
      file: set,
      from: '_must(row["architecture"] in ARCHITECTURES)',
      to: '_must(isinstance(row["architecture"], str))',
    },
    {
      says: "a file of any length is listed",
      file: set,
      from: '_is_whole(row["length"], 1, MAX_LENGTH)',
      to: '_is_whole(row["length"], 1)',
    },
    {
      says: "a file without a digest is listed",
      file: set,
      from: ' and _is_hex(row["sha256"])',
      to: "",
    },
    {
      says: "any number of files is listed",
      file: set,
      from: " and len(files) <= MAX_FILES",
      to: "",
    },
    {
      says: "any text is a version",
      file: set,
      from: ' and bool(_VERSION.match(row["version"]))',
      to: "",
    },
    {
      says: "versions are compared as text",
      file: set,
      from: 'tuple(map(int, version.split(".")))',
      to: 'tuple(version.split("."))',
    },
    {
      says: "names are signed in the order in which they come",
      file: set,
      from: "sort_keys=True, ",
      to: "",
    },
    {
      says: "letters beyond ASCII are signed otherwise",
      file: set,
      from: "ensure_ascii=False",
      to: "ensure_ascii=True",
    },
    {
      says: "a role that nobody signs for is read",
      file: set,
      from: "_must(_is_whole(threshold, 1, MAX_KEYS))",
      to: "_must(_is_whole(threshold, 0, MAX_KEYS))",
    },
    {
      says: "a role of any number of keys is read",
      file: set,
      from: " and 1 <= len(ids) <= MAX_KEYS",
      to: "",
    },
    {
      says: "a key of any form is read",
      file: set,
      from: "_must(_is_hex(name) and isinstance(key, str) and len(key) <= 64)",
      to: "_must(isinstance(key, str))",
    },
    {
      says: "what belongs together has no number",
      file: set,
      from: "_must(_is_whole(version, 1) and isinstance(sha256, str))",
      to: "_must(isinstance(sha256, str))",
    },
    {
      says: "a range of more than a MiB is served",
      file,
      from: "< MAX_RANGE_BYTES:",
      to: "<= MAX_RANGE_BYTES:",
    },
    {
      says: "a range may end before it begins",
      file,
      from: "if not 0 <= last - start",
      to: "if not -2 <= last - start",
    },
    {
      says: "the last byte of a range is left out",
      file,
      from: "return start, last + 1",
      to: "return start, last",
    },
    {
      says: "several ranges are read as one",
      file,
      from: '-(\\d{1,10})\\Z"',
      to: '-(\\d{1,10})"',
    },
    {
      says: "digits of other scripts are read",
      file,
      from: '\\Z", re.ASCII)',
      to: '\\Z")',
    },
    {
      says: "a version in digits of other scripts is one",
      file: set,
      from: '\\.\\d{1,5}\\Z", re.ASCII)',
      to: '\\.\\d{1,5}\\Z")',
    },
    {
      says: "a number of any length is read",
      file,
      from: "bytes=(\\d{1,10})-",
      to: "bytes=(\\d+)-",
    },
  ],
  equivalents: [
    {
      says: "a new root is signed by those of before alone",
      file: set,
      from: '        _signed_by("root", following, wanted)\n',
      to: "",
      why:
        "the keys of a root in between have to sign the next one, and the last one's own signatures are looked at behind the loop",
    },
  ],
};

export default list;
