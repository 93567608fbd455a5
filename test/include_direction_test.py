#!/usr/bin/env python3
"""Tests include_direction.py on small trees made for the purpose."""

import tempfile
import unittest
from pathlib import Path

import include_direction


def check(files):
    """Writes {path below src/: text} into a fresh tree and returns its wrong edges."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return include_direction.check_tree(root)[1]


class IncludeDirection(unittest.TestCase):
    def test_accepts_includes_to_the_left_and_of_the_own_folder(self):
        self.assertEqual(
            check(
                {
                    "http/server.cc": '#include "http/server.h"\n#include <vector>\n#include "net/tcp.h"\n',
                    "http/server.h": '#pragma once\n#include "base/result.h"\n',
                    "cmd/router_main.cc": '#include "router/pipeline.h"\n#include "controllers/manager.h"\n',
                }
            ),
            [],
        )

    def test_names_file_and_line_of_an_include_to_the_right(self):
        self.assertEqual(
            check({"json/value.cc": '// text\n#include "base/result.h"\n#include "http/message.h"\n'}),
            ["src/json/value.cc:3: json must not include http: it stands to its right"],
        )

    def test_products_do_not_include_each_other(self):
        self.assertEqual(
            check({"router/pipeline.cc": '#include "webhook/handler.h"\n'}),
            ["src/router/pipeline.cc:1: router must not include webhook: products do not include each other"],
        )

    def test_api_uses_only_the_parts_of_kube_without_io(self):
        files = {
            "api/networking/v1alpha1/types.h": '#include "kube/meta/object_meta.h"\n#include "kube/types/pod.h"\n'
        }
        self.assertEqual(
            check(files), ["src/api/networking/v1alpha1/types.h:2: api may use only kube/meta, kube/crd"]
        )

    def test_kube_has_an_order_of_its_own(self):
        self.assertEqual(
            check(
                {
                    "kube/client/client.h": '#include "kube/types/pod.h"\n#include "kube/cache/store.h"\n',
                    "kube/testing/server.h": '#include "kube/cache/store.h"\n',
                }
            ),
            ["src/kube/client/client.h:2: kube/client must not include kube/cache: it stands to its right"],
        )

    def test_a_folder_without_a_place_is_an_error_on_both_sides(self):
        self.assertEqual(
            check({"utils/text.h": "#pragma once\n", "cli/main.cc": '#include "utils/text.h"\n'}),
            [
                "src/cli/main.cc:1: folder utils has no place in the order (test/include_direction.py)",
                "src/utils/text.h:1: folder utils has no place in the order (test/include_direction.py)",
            ],
        )

    def test_an_include_beside_the_file_is_an_error(self):
        self.assertEqual(
            check({"net/tcp.cc": '#include "tcp.h"\n'}),
            ['src/net/tcp.cc:1: "tcp.h": includes are relative to src/ and begin with a folder'],
        )

    def test_an_include_with_blanks_is_read_and_a_comment_is_not(self):
        self.assertEqual(
            check({"base/list.h": '//  #include "json/value.h"\n  #  include  "json/value.h"\n'}),
            ["src/base/list.h:2: base must not include json: it stands to its right"],
        )

    def test_an_empty_tree_fails(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(include_direction.main([root]), 1)


if __name__ == "__main__":
    unittest.main()
