"""P14: which part of a file an agent may ask for, before anything is opened."""

import unittest

from contract import wire_file
from contract.wire import Malformed

MIB = 1024 * 1024


class UpdateRangeTest(unittest.TestCase):
    def test_a_part_of_at_most_a_mebibyte(self):
        """Red when the last byte is left out, or a part is larger than one worker is held for."""
        for header, part in (
            ("bytes=0-0", (0, 1)),
            (f"bytes=0-{MIB - 1}", (0, MIB)),
            ("bytes=9999999998-9999999999", (9_999_999_998, 10_000_000_000)),
        ):
            with self.subTest(header):
                self.assertEqual(wire_file.byte_range(header), part)

    def test_everything_else_is_refused_in_words(self):
        """Red when several parts, an open end, a part that ends before it begins, or
        a number that no file has is read."""
        for header in (
            None,
            "",
            "bytes=0-",
            "bytes=-5",
            "bytes=5-4",
            "bytes=5-3",
            f"bytes=0-{MIB}",
            "bytes=0-1,5-6",
            "bytes=0-1\n",
            "bytes= 0-1",
            "items=0-1",
            "bytes=00000000001-1",
            "bytes=1-00000000002",
            "bytes=٠-١",
        ):
            with self.subTest(header), self.assertRaises(Malformed) as caught:
                wire_file.byte_range(header)
            self.assertIn("bytes=FROM-TO of at most 1048576 bytes", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
