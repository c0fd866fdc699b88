#!/usr/bin/env python3
"""The layering check reports what the architecture forbids and nothing else."""

import unittest

from layering import circles, objection

FORBIDDEN = [
    ("common/log.cpp", "proxy/wire/startup_decoder.hpp", None),
    ("common/log.cpp", "scaler/app.hpp", None),
    ("common/log.cpp", "demand.pb.h", None),
    ("common/log.cpp", None, "grpcpp/grpcpp.h"),
    ("proxy/main.cpp", "scaler/app.hpp", None),
    ("proxy/main.cpp", "scaler/state/activity_decision.hpp", None),
    ("scaler/app.cpp", "proxy/gate/gate.hpp", None),
    ("scaler/app.cpp", "scaler/actuator/app.hpp", None),
    ("scaler/actuator/app.cpp", "scaler/state/activity_decision.hpp", None),
    ("scaler/actuator/app.cpp", "scaler/app.hpp", None),
    ("scaler/state/activity_decision.cpp", "scaler/app.hpp", None),
    ("scaler/state/activity_decision.cpp", "common/log.hpp", None),
    ("scaler/state/activity_decision.cpp", None, "grpcpp/grpcpp.h"),
    ("proxy/auth/scram_server.cpp", "common/log.hpp", None),
    ("proxy/auth/scram_server.cpp", None, "sys/stat.h"),
    ("proxy/auth/userlist.cpp", "proxy/auth/secret_directory.hpp", None),
    ("proxy/auth/verifier_cache_file.cpp", None, "boost/asio/io_context.hpp"),
    ("proxy/wire/startup_decoder.cpp", "common/log.hpp", None),
    ("proxy/wire/startup_decoder.cpp", "proxy/gate/gate.hpp", None),
    ("proxy/wire/startup_decoder.cpp", None, "boost/asio/buffer.hpp"),
    ("proxy/cancel/keys/short_key.cpp", "proxy/session/session.hpp", None),
    ("proxy/cancel/keys/short_key.cpp", "common/log.hpp", None),
    ("proxy/cancel/keys/cancel_rate.cpp", None, "boost/asio/ip/address.hpp"),
    ("proxy/cancel/keys/locate_key.cpp", "proxy/cancel/cancel_service.hpp", None),
    ("proxy/cancel/keys/locate_key.cpp", "proxy/cluster/cluster_settings.hpp", None),
    ("proxy/cancel/cancel_registry.cpp", "proxy/cancel/cancel_service.hpp", None),
    ("proxy/cancel/cancel_registry.cpp", "common/log.hpp", None),
    ("proxy/cancel/handle_cancel.cpp", "proxy/session/session_context.hpp", None),
    ("proxy/cluster/cluster_settings.hpp", "proxy/cluster/cluster.hpp", None),
    ("proxy/cluster/resolve_route.cpp", "proxy/cancel/cancel_service.hpp", None),
    ("proxy/cluster/resolve_route.cpp", "proxy/session/client_error.hpp", None),
    ("proxy/backend/connect.cpp", "proxy/cluster/cluster.hpp", None),
    ("proxy/backend/connect.cpp", "proxy/libpq/probe.hpp", None),
    ("proxy/gate/permit.hpp", "proxy/session/session.hpp", None),
    ("proxy/gate/gate.cpp", "proxy/gate/gate_service.hpp", None),
    ("proxy/gate/gate.cpp", "proxy/wire/messages.hpp", None),
    ("proxy/gate/gate.cpp", "proxy/libpq/probe.hpp", None),
    ("proxy/gate/gate.cpp", None, "boost/asio/io_context.hpp"),
    ("proxy/gate/gate_service.cpp", "proxy/session/session.hpp", None),
    ("proxy/relay/duplex.cpp", None, "boost/asio/ip/tcp.hpp"),
    ("proxy/relay/duplex.cpp", "proxy/session/session.hpp", None),
    ("proxy/session/session.cpp", "proxy/report/reporter.hpp", None),
    ("proxy/session/session.cpp", "proxy/app.hpp", None),
    ("proxy/report/reporter.cpp", "proxy/session/session.hpp", None),
    ("tests/wire/x_test.cpp", None, "boost/asio.hpp"),
]

ALLOWED = [
    ("common/log.cpp", "common/log.hpp", None),
    ("common/program.cpp", "version.hpp", None),
    ("common/admin_http.cpp", None, "boost/beast/http.hpp"),
    ("proxy/auth/scram_server.cpp", "proxy/wire/authentication_messages.hpp", None),
    ("proxy/auth/verifier_cache_file.cpp", "proxy/auth/verifier_cache.hpp", None),
    ("proxy/auth/verifier_cache_file.cpp", None, "sys/stat.h"),
    ("proxy/wire/startup_decoder.cpp", "proxy/wire/bytes.hpp", None),
    ("proxy/wire/startup_decoder.cpp", None, "boost/system/result.hpp"),
    ("proxy/cancel/keys/short_key.cpp", "proxy/wire/bytes.hpp", None),
    ("proxy/cancel/keys/sealed_key.cpp", None, "openssl/evp.h"),
    ("proxy/session/session.cpp", "proxy/cancel/keys/sealed_key.hpp", None),
    ("proxy/cancel/keys/locate_key.cpp", "proxy/cancel/cancel_target.hpp", None),
    ("proxy/cancel/handle_cancel.cpp", "proxy/cluster/cluster.hpp", None),
    ("proxy/cluster/cluster.hpp", "proxy/gate/gate_service.hpp", None),
    ("proxy/session/session.cpp", "proxy/cluster/resolve_route.hpp", None),
    ("proxy/gate/gate.cpp", "common/clock.hpp", None),
    ("proxy/gate/gate_service.cpp", "proxy/gate/gate.hpp", None),
    ("proxy/gate/gate_service.cpp", "proxy/libpq/probe.hpp", None),
    ("proxy/relay/duplex.cpp", "proxy/wire/protocol_tracker.hpp", None),
    ("proxy/session/session.cpp", "proxy/relay/relay_loop.hpp", None),
    ("proxy/report/reporter.cpp", "demand.grpc.pb.h", None),
    ("proxy/app.cpp", "proxy/report/reporter.hpp", None),
    ("proxy/app.cpp", "proxy/config/proxy_config.hpp", None),
    ("scaler/app.cpp", "scaler/state/activity_decision.hpp", None),
    ("scaler/actuator/app.cpp", "scaler/actuator/config.hpp", None),
    ("tests/wire/x_test.cpp", "proxy/wire/bytes.hpp", None),
]


class Layering(unittest.TestCase):
    def test_forbidden(self) -> None:
        for case in FORBIDDEN:
            with self.subTest(case):
                self.assertIsNotNone(objection(*case))

    def test_allowed(self) -> None:
        for case in ALLOWED:
            with self.subTest(case):
                self.assertIsNone(objection(*case))

    def test_no_layer_knows_itself_by_way_of_others(self) -> None:
        self.assertEqual(circles(), [])

    def test_an_include_that_is_not_named_from_the_root(self) -> None:
        self.assertIsNotNone(objection("proxy/wire/bytes.cpp", "bytes.hpp", None, exists=False))


if __name__ == "__main__":
    unittest.main()
