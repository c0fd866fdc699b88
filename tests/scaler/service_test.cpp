#include "tests/scaler/served_scaler.hpp"
#include "tests/support/captured_log.hpp"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr aggregate_settings one_stated_proxy{.expected_proxies = 1, .expected_is_stated = true};
constexpr aggregate_settings two_stated_proxies{.expected_proxies = 2, .expected_is_stated = true};

class service_test : public ::testing::Test {
protected:
    explicit service_test(const aggregate_settings& proxies = one_stated_proxy)
        : scaler_(proxies) {}

    struct last_poll {
        grpc::Status status;
        bool result = false;
    };

    last_poll is_active(const std::map<std::string, std::string>& metadata) {
        externalscaler::IsActiveResponse response;
        const auto context = bounded_call();
        auto status = scaler_.keda->IsActive(context.get(), scaled_object(metadata), &response);
        return {.status = std::move(status), .result = response.result()};
    }

    grpc::Status get_metrics(externalscaler::GetMetricsResponse& response) {
        externalscaler::GetMetricsRequest request;
        *request.mutable_scaledobjectref() = scaled_object({{"cluster", "app"}});
        request.set_metricname("wakegate-sessions");
        const auto context = bounded_call();
        return scaler_.keda->GetMetrics(context.get(), request, &response);
    }

    served_scaler scaler_;
};

TEST_F(service_test, demand_is_pushed_by_the_report_that_brings_it_to_every_stream) {
    activation_listener first(scaler_, scaled_object({{"cluster", "app"}}));
    activation_listener second(scaler_, scaled_object({{"cluster", "app"}}));
    reporter proxy(scaler_);
    proxy.send(demand(1, true, 0));
    const auto ack = proxy.send(demand(2, false, 1));
    EXPECT_EQ(ack.acknowledged(), 2U);
    EXPECT_TRUE(first.hears_true());
    EXPECT_TRUE(second.hears_true());
}

TEST_F(service_test, a_stream_that_opens_on_demand_hears_of_it_at_once) {
    reporter proxy(scaler_);
    proxy.send(demand(1, true, 1));
    activation_listener keda(scaler_, scaled_object({{"cluster", "app"}}));
    EXPECT_TRUE(keda.hears_true());
}

TEST_F(service_test, a_cancelled_stream_leaves_the_others_alone) {
    activation_listener gone(scaler_, scaled_object({{"cluster", "app"}}));
    activation_listener stays(scaler_, scaled_object({{"cluster", "app"}}));
    gone.cancel();
    EXPECT_EQ(gone.status().error_code(), grpc::StatusCode::CANCELLED);
    reporter proxy(scaler_);
    proxy.send(demand(1, true, 1));
    EXPECT_TRUE(stays.hears_true());
}

TEST_F(service_test, nothing_is_called_idle_before_the_replica_knows) {
    const auto before = is_active({{"cluster", "app"}});
    EXPECT_EQ(before.status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(before.status.error_message(), HasSubstr("0 of 1 expected proxies reported"));
    externalscaler::GetMetricsResponse response;
    EXPECT_EQ(get_metrics(response).error_code(), grpc::StatusCode::UNAVAILABLE);

    reporter proxy(scaler_);
    proxy.send(demand(1, true, 0));
    const auto after = is_active({{"cluster", "app"}});
    EXPECT_TRUE(after.status.ok()) << after.status.error_message();
    EXPECT_FALSE(after.result);

    const auto misspelt = is_active({{"cluster", "apq"}});
    EXPECT_EQ(misspelt.status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(misspelt.status.error_message(), HasSubstr("'apq'"));
}

TEST_F(service_test, the_end_of_a_reporting_stream_says_nothing_about_the_proxy) {
    {
        reporter proxy(scaler_);
        proxy.send(demand(1, true, 3));
        proxy.close();
        EXPECT_TRUE(proxy.status().ok());
    }
    EXPECT_TRUE(is_active({{"cluster", "app"}}).result);
    externalscaler::GetMetricsResponse response;
    EXPECT_TRUE(get_metrics(response).ok());
    ASSERT_EQ(response.metricvalues_size(), 1);
    EXPECT_EQ(response.metricvalues(0).metricvalue(), 3);
    EXPECT_EQ(response.metricvalues(0).metricname(), "wakegate-sessions");
}

/// One of two proxies has reported: without demand the answer is unknown.
class service_in_doubt_test : public service_test {
protected:
    service_in_doubt_test() : service_test(two_stated_proxies) {}

    std::int64_t metric() {
        externalscaler::GetMetricsResponse response;
        const auto status = get_metrics(response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        return response.metricvalues_size() == 1 ? response.metricvalues(0).metricvalue() : -1;
    }
};

TEST_F(service_in_doubt_test, the_metric_says_what_is_seen) {
    reporter proxy(scaler_);
    proxy.send(demand(1, true, 3));
    EXPECT_TRUE(is_active({{"cluster", "app"}}).result);
    EXPECT_EQ(metric(), 3);
}

TEST_F(service_in_doubt_test, the_metric_of_an_active_cluster_is_never_zero) {
    reporter proxy(scaler_);
    auto report = demand(1, true, 0);
    report.mutable_clusters(0)->set_last_activity_age_ms(1'000);
    proxy.send(report);
    EXPECT_TRUE(is_active({{"cluster", "app"}}).result);
    EXPECT_EQ(metric(), 1);
}

TEST_F(service_in_doubt_test, without_demand_there_is_no_metric) {
    reporter proxy(scaler_);
    proxy.send(demand(1, true, 0));
    externalscaler::GetMetricsResponse response;
    EXPECT_EQ(get_metrics(response).error_code(), grpc::StatusCode::UNAVAILABLE);
    const auto status = scaler_.board.status(clock::now());
    const auto& objects = status.clusters.at(0).scaled_objects;
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_TRUE(objects[0].last_poll) << "KEDA's poll ends with that";
}

TEST_F(service_test, a_change_without_a_snapshot_is_answered_by_resend) {
    reporter proxy(scaler_);
    EXPECT_TRUE(proxy.send(demand(5, false, 0)).request_snapshot());
    EXPECT_EQ(is_active({{"cluster", "app"}}).status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_FALSE(proxy.send(demand(6, true, 0)).request_snapshot());
    EXPECT_TRUE(is_active({{"cluster", "app"}}).status.ok());
}

TEST_F(service_test, a_directive_says_how_the_reports_clusters_stand) {
    const std::map<std::string, std::string> metadata{
        {"cluster", "app"}, {"cooldownPeriod", "300"}, {"pollingInterval", "30"}
    };
    EXPECT_FALSE(is_active(metadata).status.ok()) << "no proxy has reported yet";
    reporter proxy(scaler_);
    auto report = demand(1, true, 0);
    report.set_proxy_name("gate-1");
    report.mutable_clusters(0)->set_last_activity_age_ms(1'000);
    const auto ack = proxy.send(report);
    EXPECT_EQ(scaler_.board.status(clock::now()).proxies.front().proxy_name, "gate-1");
    EXPECT_EQ(ack.proxies(), 1U);
    ASSERT_EQ(ack.clusters_size(), 1);
    const auto& app = ack.clusters(0);
    EXPECT_EQ(app.cluster(), "app");
    EXPECT_EQ(app.answer(), wakegate::ClusterStatus::ACTIVE);
    EXPECT_THAT(app.reason(), HasSubstr("last activity 1s ago"));
    EXPECT_EQ(app.scaled_objects(), 1U);
    EXPECT_GT(app.idle_in_ms(), 0U);
    EXPECT_EQ(app.sleeps_in_ms(), app.idle_in_ms() + 300'000);

    const auto held = proxy.send(demand(2, false, 1)).clusters(0);
    EXPECT_EQ(held.reason(), "1 held, 0 busy");
    EXPECT_FALSE(held.has_idle_in_ms());
    EXPECT_FALSE(held.has_sleeps_in_ms());
}

TEST_F(service_test, refusals_of_polls_are_logged_once) {
    support::captured_log captured;
    for (int poll = 0; poll < 3; ++poll) {
        EXPECT_FALSE(is_active({{"cluster", "app"}}).status.ok());
    }
    const auto log = captured.take();
    const std::string line = "info refused rpc=IsActive status=unavailable cluster=app";
    ASSERT_THAT(log, HasSubstr(line));
    EXPECT_EQ(log.find(line), log.rfind(line)) << log;
}

TEST_F(service_test, a_trigger_of_a_cluster_that_no_proxy_names_is_told_once) {
    reporter proxy(scaler_);
    proxy.send(demand(1, true, 0));
    support::captured_log captured;
    EXPECT_FALSE(is_active({{"cluster", "ap"}}).status.ok());
    EXPECT_FALSE(is_active({{"cluster", "ap"}}).status.ok());
    const auto log = captured.take();
    const std::string line =
        "warning trigger_unknown_cluster scaled_object=prod/app-sleep cluster=ap named=app remedy=";
    ASSERT_THAT(log, HasSubstr(line));
    EXPECT_EQ(log.find(line), log.rfind(line)) << log;
}

TEST_F(service_test, a_report_without_a_name_is_refused) {
    reporter proxy(scaler_);
    auto nameless = demand(1, true, 0);
    nameless.clear_proxy_id();
    proxy.send(nameless);
    const auto status = proxy.status();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("proxy_id"));
}

TEST_F(service_test, bad_metadata_is_refused_by_every_rpc_with_the_objects_name_and_the_key) {
    const auto bad = scaled_object({{"cluster", "app"}, {"activityWindow", "soon"}});
    support::captured_log captured;
    std::vector<grpc::Status> answers;
    const auto ask = [&](auto call) {
        const auto context = bounded_call();
        answers.push_back(call(context.get()));
    };
    ask([&](grpc::ClientContext* context) {
        externalscaler::IsActiveResponse response;
        return scaler_.keda->IsActive(context, bad, &response);
    });
    ask([&](grpc::ClientContext* context) {
        externalscaler::GetMetricSpecResponse response;
        return scaler_.keda->GetMetricSpec(context, bad, &response);
    });
    ask([&](grpc::ClientContext* context) {
        externalscaler::GetMetricsRequest request;
        *request.mutable_scaledobjectref() = bad;
        externalscaler::GetMetricsResponse response;
        return scaler_.keda->GetMetrics(context, request, &response);
    });
    answers.push_back(activation_listener(scaler_, bad).status());
    for (const auto& status : answers) {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        EXPECT_THAT(status.error_message(), HasSubstr("prod/app-sleep"));
        EXPECT_THAT(status.error_message(), HasSubstr("activityWindow: 'soon'"));
    }
    const auto log = captured.take();
    const std::string warning = "warning trigger_refused scaled_object=prod/app-sleep "
                                "key=activityWindow reason=\"metadata activityWindow: 'soon'";
    ASSERT_THAT(log, HasSubstr(warning));
    EXPECT_EQ(log.find(warning), log.rfind(warning)) << "once, however often KEDA asks";
    EXPECT_THAT(
        scaler_.counters.page(scaler_.board.status(clock::now()), 0),
        HasSubstr("wakegate_scaler_trigger_errors_total{key=\"activityWindow\","
                  "scaled_object=\"prod/app-sleep\"} 4\n")
    );
}

TEST_F(service_test, the_metric_spec_needs_no_proxy) {
    externalscaler::GetMetricSpecResponse response;
    const auto context = bounded_call();
    const auto status = scaler_.keda->GetMetricSpec(
        context.get(), scaled_object({{"cluster", "app"}, {"sessionsPerReplica", "7"}}), &response
    );
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.metricspecs_size(), 1);
    EXPECT_EQ(response.metricspecs(0).metricname(), "wakegate-sessions");
    EXPECT_EQ(response.metricspecs(0).targetsize(), 7);
}

TEST_F(service_test, stream_metric_spec_is_unimplemented) {
    const auto context = bounded_call();
    const auto reader =
        scaler_.keda->StreamMetricSpec(context.get(), scaled_object({{"cluster", "app"}}));
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

/// A unary call with hand-written messages: Debian's -dev package has no stubs for gRPC's own
/// services.
std::string ask_grpc(served_scaler& scaler, const std::string& method, const std::string& message) {
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    const auto context = bounded_call();
    std::promise<grpc::Status> answered;
    grpc::GenericStub stub(scaler.channel);
    stub.UnaryCall(context.get(), method, {}, &request, &response, [&](grpc::Status status) {
        answered.set_value(std::move(status));
    });
    const auto status = answered.get_future().get();
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(response.Dump(&slices).ok());
    std::string text;
    for (const auto& piece : slices) {
        text.append(reinterpret_cast<const char*>(piece.begin()), piece.size());
    }
    return text;
}

TEST_F(service_test, grpc_health_says_serving) {
    const std::string serving = "\x08\x01"; // HealthCheckResponse.status (field 1) = SERVING
    const std::string named = "\x0a\x1d"
                              "externalscaler.ExternalScaler"; // .service, 29 bytes
    EXPECT_EQ(ask_grpc(scaler_, "/grpc.health.v1.Health/Check", ""), serving);
    EXPECT_EQ(ask_grpc(scaler_, "/grpc.health.v1.Health/Check", named), serving);
}

TEST_F(service_test, grpc_reflection_lists_both_services) {
    const std::string list_services = "\x3a\x01*"; // ServerReflectionRequest.list_services, field 7
    const auto listed = ask_grpc(
        scaler_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", list_services
    );
    EXPECT_THAT(listed, HasSubstr("externalscaler.ExternalScaler"));
    EXPECT_THAT(listed, HasSubstr("wakegate.DemandReports"));
}

} // namespace
} // namespace wakegate::scaler
