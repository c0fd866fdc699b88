#include "scaler/state/aggregate.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr aggregate_settings one_stated_proxy{.expected_proxies = 1, .expected_is_stated = true};

aggregate settled() {
    return aggregate(one_stated_proxy, start);
}

std::string doubt_of(const aggregate& proxies, std::string_view cluster, time_point now) {
    return proxies.inconclusive_reason(cluster, now).value_or("");
}

TEST(aggregate, sums_a_cluster_over_its_proxies) {
    auto proxies = settled();
    auto idle = quiet("app");
    idle.idle = 7;
    static_cast<void>(proxies.apply(snapshot("a", 1, {held("app", 2), busy("other", 9)}), start));
    static_cast<void>(proxies.apply(snapshot("b", 1, {busy("app", 3)}), start));
    static_cast<void>(proxies.apply(snapshot("c", 1, {idle}), start));
    const auto view = proxies.view("app", start);
    EXPECT_EQ(view.held, 2U);
    EXPECT_EQ(view.busy, 3U);
    EXPECT_EQ(view.idle, 7U);
    EXPECT_EQ(view.counted_idle, 0U);
    EXPECT_EQ(view.state, gate_state::ready);
    EXPECT_TRUE(view.waking);
    EXPECT_TRUE(view.unserved) << "at proxy a clients wait, whatever b sees";
    EXPECT_THAT(proxies.clusters(), ElementsAre("app", "other"));
}

TEST(aggregate, clients_held_back_by_a_ready_cluster_do_not_starve) {
    auto proxies = settled();
    auto paced = busy("app", 1);
    paced.held = 5;
    static_cast<void>(proxies.apply(snapshot("a", 1, {paced}), start));
    EXPECT_FALSE(proxies.view("app", start).unserved);
}

TEST(aggregate, a_snapshot_replaces_and_a_change_adds) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {busy("app", 1), busy("other", 2)}), start));
    static_cast<void>(proxies.apply(change("a", 2, {busy("app", 5)}), start));
    EXPECT_EQ(proxies.view("app", start).busy, 5U);
    EXPECT_EQ(proxies.view("other", start).busy, 2U);
    static_cast<void>(proxies.apply(snapshot("a", 3, {busy("app", 4)}), start));
    EXPECT_EQ(proxies.view("app", start).busy, 4U);
    EXPECT_EQ(proxies.view("other", start).busy, 0U);
    EXPECT_TRUE(proxies.view("other", start).reported);
}

TEST(aggregate, drops_what_is_older_than_it_has) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 5, {busy("app", 1)}), start));
    const auto late = proxies.apply(change("a", 4, {held("app", 9)}), start);
    EXPECT_EQ(late.acknowledged, 5U);
    EXPECT_FALSE(late.request_snapshot);
    EXPECT_EQ(proxies.view("app", start).held, 0U);
}

TEST(aggregate, asks_for_the_snapshot_it_misses_and_believes_in_demand_meanwhile) {
    auto proxies = settled();
    const auto first = proxies.apply(change("a", 7, {held("app", 1)}), start);
    EXPECT_TRUE(first.request_snapshot);
    EXPECT_EQ(first.acknowledged, 7U);
    EXPECT_FALSE(first.change);
    EXPECT_EQ(proxies.view("app", start).held, 1U);
    EXPECT_FALSE(proxies.proxies(start).front().has_snapshot);
    EXPECT_THAT(doubt_of(proxies, "app", at(seconds(16))), HasSubstr("proxy a"));

    const auto second = proxies.apply(snapshot("a", 8, {quiet("app")}), start);
    EXPECT_FALSE(second.request_snapshot);
    ASSERT_TRUE(second.change);
    EXPECT_EQ(second.change->kind, proxy_change_kind::joined);
    EXPECT_EQ(doubt_of(proxies, "app", start), "");
}

TEST(aggregate, settling_lasts_its_time_when_nobody_said_how_many_proxies_there_are) {
    aggregate proxies({}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {quiet("app")}), at(seconds(5))));
    EXPECT_THAT(doubt_of(proxies, "app", at(milliseconds(14'999))), HasSubstr("settling"));
    EXPECT_EQ(doubt_of(proxies, "app", at(seconds(15))), "");
}

TEST(aggregate, settling_ends_with_the_snapshots_of_as_many_proxies_as_were_stated) {
    aggregate proxies({.expected_proxies = 2, .expected_is_stated = true}, start);
    static_cast<void>(proxies.apply(snapshot("a", 1, {quiet("app")}), start));
    EXPECT_THAT(doubt_of(proxies, "app", start), HasSubstr("1 of 2 expected proxies reported"));
    static_cast<void>(proxies.apply(snapshot("b", 1, {}), start));
    EXPECT_EQ(doubt_of(proxies, "app", start), "");
}

TEST(aggregate, doubts_when_too_few_proxies_hold_a_lease) {
    auto proxies = settled();
    EXPECT_THAT(
        doubt_of(proxies, "app", at(seconds(15))), HasSubstr("0 of 1 expected proxies hold a lease")
    );
}

TEST(aggregate, doubts_a_cluster_that_no_proxy_ever_named) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {quiet("app")}), start));
    EXPECT_THAT(doubt_of(proxies, "apq", start), HasSubstr("named cluster 'apq'"));
    static_cast<void>(proxies.apply(snapshot("a", 2, {}), start));
    EXPECT_EQ(doubt_of(proxies, "app", start), "") << "named once is enough";
}

TEST(aggregate, a_lapsed_proxy_counts_until_its_grace_is_over_and_casts_doubt_meanwhile) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {busy("app", 1)}), start));
    static_cast<void>(proxies.apply(snapshot("b", 1, {quiet("app")}), at(seconds(10))));
    EXPECT_THAT(proxies.expire(at(milliseconds(14'999))), IsEmpty());

    const auto lapsed = proxies.expire(at(seconds(15)));
    ASSERT_EQ(lapsed.size(), 1U);
    EXPECT_EQ(lapsed.front().kind, proxy_change_kind::lapsed);
    EXPECT_THAT(proxies.expire(at(seconds(16))), IsEmpty()) << "said once";
    EXPECT_EQ(proxies.view("app", at(seconds(16))).busy, 1U);
    EXPECT_THAT(doubt_of(proxies, "app", at(seconds(20))), HasSubstr("proxy a has been silent"));

    static_cast<void>(proxies.apply(change("b", 2, {}), at(seconds(74))));
    EXPECT_EQ(proxies.view("app", at(seconds(75))).busy, 0U);
    EXPECT_EQ(doubt_of(proxies, "app", at(seconds(75))), "");
    const auto forgotten = proxies.expire(at(seconds(75)));
    ASSERT_EQ(forgotten.size(), 1U);
    EXPECT_EQ(forgotten.front().kind, proxy_change_kind::forgotten);
    EXPECT_EQ(forgotten.front().proxy_id, "a");
    EXPECT_EQ(proxies.view("app", at(seconds(75))).last_activity, start) << "outlives the proxy";
}

TEST(aggregate, a_proxy_that_returns_in_its_grace_goes_on_where_it_was) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {busy("app", 1)}), start));
    EXPECT_EQ(proxies.expire(at(seconds(20))).size(), 1U);
    const auto back = proxies.apply(change("a", 2, {}), at(seconds(30)));
    EXPECT_FALSE(back.request_snapshot);
    EXPECT_EQ(doubt_of(proxies, "app", at(seconds(30))), "");
    EXPECT_EQ(proxies.expire(at(seconds(45))).size(), 1U) << "lapses anew";
}

TEST(aggregate, a_proxy_that_returns_after_its_grace_is_a_stranger) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {busy("app", 1)}), start));
    const auto back = proxies.apply(change("a", 2, {}), at(seconds(75)));
    EXPECT_TRUE(back.request_snapshot);
    EXPECT_EQ(proxies.view("app", at(seconds(75))).busy, 0U);
}

TEST(aggregate, a_leaving_proxy_goes_at_once_but_for_its_activity) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {busy("app", 1)}), start));
    const auto gone = proxies.apply(last_report("a", 2), at(seconds(5)));
    ASSERT_TRUE(gone.change);
    EXPECT_EQ(gone.change->kind, proxy_change_kind::left);
    EXPECT_FALSE(gone.request_snapshot);
    EXPECT_EQ(proxies.view("app", at(seconds(5))).busy, 0U);
    EXPECT_EQ(proxies.view("app", at(seconds(5))).last_activity, at(seconds(5)));
    EXPECT_THAT(proxies.proxies(at(seconds(5))), IsEmpty());
    EXPECT_THAT(proxies.expire(at(seconds(20))), IsEmpty()) << "it neither lapses";
    EXPECT_THAT(proxies.expire(at(seconds(100))), IsEmpty()) << "nor is it missed";
}

TEST(aggregate, a_late_message_does_not_bring_a_left_proxy_back) {
    auto proxies = settled();
    static_cast<void>(proxies.apply(snapshot("a", 1, {quiet("app")}), start));
    static_cast<void>(proxies.apply(last_report("a", 9), start));
    static_cast<void>(proxies.apply(change("a", 8, {held("app", 1)}), start));
    EXPECT_EQ(proxies.view("app", start).held, 0U);
    EXPECT_THAT(proxies.proxies(start), IsEmpty());
}

TEST(aggregate, a_drop_to_nothing_is_activity_at_that_moment) {
    struct {
        const char* name;
        cluster_demand before;
        demand_report after;
    } const cases[] = {
        {"busy", busy("app", 1), change("a", 2, {quiet("app")})},
        {"held", held("app", 1), change("a", 2, {quiet("app")})},
        {"omitted by a snapshot", busy("app", 1), snapshot("a", 2, {})},
        {"leaving", busy("app", 1), last_report("a", 2)},
    };

    for (const auto& [name, before, after] : cases) {
        auto proxies = settled();
        static_cast<void>(proxies.apply(snapshot("a", 1, {before}), start));
        static_cast<void>(proxies.apply(after, at(seconds(40))));
        EXPECT_EQ(proxies.view("app", at(seconds(40))).last_activity, at(seconds(40))) << name;
    }
}

TEST(aggregate, turns_ages_into_its_own_time_and_keeps_the_latest) {
    auto proxies = settled();
    auto recent = quiet("app");
    recent.last_activity_age = seconds(10);
    auto older = recent;
    older.last_activity_age = seconds(300);
    auto absurd = recent;
    absurd.last_activity_age = milliseconds(std::numeric_limits<milliseconds::rep>::max());
    static_cast<void>(proxies.apply(snapshot("a", 1, {recent}), start));
    static_cast<void>(proxies.apply(snapshot("b", 1, {older}), start));
    static_cast<void>(proxies.apply(snapshot("c", 1, {absurd}), start));
    EXPECT_EQ(proxies.view("app", start).last_activity, start - seconds(10));
}

TEST(aggregate, no_lease_is_believed_beyond_five_minutes) {
    auto proxies = settled();
    auto report = snapshot("a", 1, {quiet("app")});
    report.lease = std::chrono::hours(1'000);
    static_cast<void>(proxies.apply(report, start));
    EXPECT_EQ(proxies.proxies(start).front().lease_left, std::chrono::minutes(5));
}

TEST(aggregate, names_a_proxy_by_its_name_and_its_id) {
    aggregate proxies({.expected_proxies = 1, .expected_is_stated = true}, start);
    auto named_report = snapshot("4711", 1, {quiet("app")});
    named_report.proxy_name = "gate-1";
    const auto joined = proxies.apply(named_report, start);
    ASSERT_TRUE(joined.change);
    EXPECT_EQ(joined.change->proxy_name, "gate-1");
    EXPECT_EQ(proxies.proxies(start).front().proxy_name, "gate-1");
    EXPECT_THAT(
        doubt_of(proxies, "app", at(seconds(16))), HasSubstr("proxy gate-1 (4711) has been")
    );
}

} // namespace
} // namespace wakegate::scaler
