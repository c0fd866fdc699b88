#include "externalscaler.grpc.pb.h"
#include "tests/report/fake_replica.hpp"
#include "tests/report/reporting.hpp"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace wakegate::proxy {
namespace {

using support::await;
using support::fake_replica;

struct unheard_gates : support::reporting {
    scaler_failure await_failure_of(const std::string& address, scaler_failure_kind kind) {
        scaler_failure found;
        await([&] {
            for (const auto& missed :
                 on_control_thread([this] { return subject->unreachable(); })) {
                if (missed.address == address) {
                    found = missed.failure;
                }
            }
            return found.kind == kind;
        });
        return found;
    }

    [[nodiscard]] hold_cause cause() const {
        return app.gate.cause_of_hold(connection_kind::ordinary);
    }
};

TEST_F(unheard_gates, know_why_nobody_listens_at_a_scalers_address) {
    host_port deserted;
    {
        const fake_replica gone;
        deserted = gone.address();
    }
    report_to({deserted});
    const auto address = to_string(deserted);
    const auto failure = await_failure_of(address, scaler_failure_kind::refused);
    EXPECT_EQ(failure.reason, "Connection refused");
    EXPECT_EQ(cause(), hold_cause::no_scaler);
}

TEST_F(unheard_gates, know_that_a_scalers_name_has_no_address) {
    report_to({{"no-such-name.invalid", 9411}}); // RFC 6761, 6.4
    const auto kind = scaler_failure_kind::unresolved;
    EXPECT_NE(await_failure_of("no-such-name.invalid:9411", kind).reason, "");
    EXPECT_EQ(cause(), hold_cause::no_scaler);
}

TEST_F(unheard_gates, know_that_something_else_listens_at_a_scalers_address) {
    int port = 0;
    externalscaler::ExternalScaler::Service keda_alone;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&keda_alone);
    const auto server = builder.BuildAndStart();
    const host_port address{"127.0.0.1", static_cast<std::uint16_t>(port)};
    report_to({address});
    const auto kind = scaler_failure_kind::not_a_scaler;
    EXPECT_NE(await_failure_of(to_string(address), kind).reason, "");
    EXPECT_EQ(cause(), hold_cause::no_scaler);
}

TEST_F(unheard_gates, are_told_when_a_scaler_hears_them_and_when_it_is_lost) {
    std::optional<fake_replica> replica(std::in_place);
    report_to({replica->address()});
    await([&] { return cause() == hold_cause::waking; });
    EXPECT_TRUE(on_control_thread([this] { return subject->unreachable(); }).empty());
    replica.reset();
    await([&] { return cause() == hold_cause::no_scaler; });
}

TEST_F(unheard_gates, have_no_scaler_where_none_is_configured) {
    report_to({});
    await([&] { return cause() == hold_cause::no_scaler; });
}

TEST_F(unheard_gates, are_told_that_no_scaled_object_asks_until_one_does) {
    std::atomic<std::uint32_t> scaled_objects{0};
    fake_replica replica(0, [&scaled_objects](const DemandReport& message, std::size_t) {
        auto ack = fake_replica::acknowledge(message, 0);
        for (const auto& entry : message.clusters()) {
            auto& status = *ack.add_clusters();
            status.set_cluster(entry.cluster());
            status.set_scaled_objects(entry.cluster() == "app" ? scaled_objects.load() : 1);
        }
        return ack;
    });
    report_to({replica.address()});
    hold_a_client_of(app);
    await([&] { return cause() == hold_cause::no_scaled_object; });
    // The gates are told one after the other, on the control thread.
    await([&] { return other.gate.cause_of_hold(connection_kind::ordinary) == hold_cause::waking; }
    );
    scaled_objects = 1;
    await([&] { return cause() == hold_cause::waking; });
}

} // namespace
} // namespace wakegate::proxy
