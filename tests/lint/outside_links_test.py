#!/usr/bin/env python3
"""A page that is there, one that is not, and a machine that does not answer."""

import http.server
import threading
import unittest

from outside_links import links, objection


class OnePage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/page" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class OutsideLinks(unittest.TestCase):
    def test_links_are_found_outside_code_alone(self) -> None:
        text = "[a](https://a.example/x) `[b](https://b.example)`\n```\nhttps://c.example\n```\n"
        self.assertEqual(links(text), {"https://a.example/x"})
        self.assertEqual(links("[d]: https://d.example\n[e](docs/e.md)"), {"https://d.example"})

    def test_a_page_is_there_or_not(self) -> None:
        with http.server.HTTPServer(("127.0.0.1", 0), OnePage) as server:
            base = f"http://127.0.0.1:{server.server_port}"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.assertIsNone(objection(f"{base}/page"))
            self.assertIn("404", objection(f"{base}/other"))
            server.shutdown()
        self.assertIn("refused", objection(base))


if __name__ == "__main__":
    unittest.main()
