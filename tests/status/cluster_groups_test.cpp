#include "proxy/cluster/cluster.hpp"
#include "proxy/status/cluster_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct cluster_groups_test : testing::Test {
    /// One group of one thread.
    void tally(std::string_view role, session_activity activity, std::size_t count, seconds age) {
        session_tally counted;
        const auto group = threads.emplace_back().find_or_add(
            app, role, "web", boost::asio::ip::make_address("10.0.0.1"), wake_class::always
        );
        for (std::size_t i = 0; i < count; ++i) {
            counted.add(group, activity, now - age);
        }
        sums.add(counted);
    }

    static group_row
    row(std::string role, session_activity activity, std::size_t count, seconds age) {
        return {
            .activity = activity,
            .role = std::move(role),
            .application_name = "web",
            .source = "10.0.0.1",
            .wake = wake_class::always,
            .count = count,
            .age = age,
        };
    }

    cluster app{.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
    std::vector<client_groups> threads;
    group_sums sums;
    const time_point now{seconds(10'000)};
};

using enum session_activity;

TEST_F(cluster_groups_test, are_none_at_first) {
    EXPECT_THAT(sums.for_cluster(app, now).rows, IsEmpty());
    EXPECT_THAT(sums.for_cluster(app, now).others, IsEmpty());
}

TEST_F(cluster_groups_test, of_several_threads_are_one_with_the_longest_age) {
    tally("app", idle, 2, seconds(5));
    tally("app", idle, 3, seconds(60));
    tally("app", idle, 1, seconds(1));
    EXPECT_THAT(sums.for_cluster(app, now).rows, ElementsAre(row("app", idle, 6, seconds(60))));
}

TEST_F(cluster_groups_test, come_by_what_they_do_and_the_largest_first) {
    tally("pool", idle, 9, seconds(1));
    tally("cron", busy, 1, seconds(7));
    tally("app", idle, 10, seconds(1));
    tally("old", busy, 1, seconds(9));
    tally("web", held, 1, seconds(2));
    EXPECT_THAT(
        sums.for_cluster(app, now).rows,
        ElementsAre(
            row("web", held, 1, seconds(2)),
            row("old", busy, 1, seconds(9)),
            row("cron", busy, 1, seconds(7)),
            row("app", idle, 10, seconds(1)),
            row("pool", idle, 9, seconds(1))
        )
    );
}

TEST_F(cluster_groups_test, are_those_of_no_other_cluster) {
    cluster other{.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
    tally("app", busy, 1, seconds(1));
    EXPECT_THAT(sums.for_cluster(other, now).rows, IsEmpty());
}

TEST_F(cluster_groups_test, beyond_the_most_are_summed_up) {
    for (std::size_t i = 1; i <= group_sums::max_rows; ++i) {
        tally("role" + std::to_string(i), busy, 10, seconds(1));
    }
    tally("small", busy, 2, seconds(5));
    tally("tiny", busy, 1, seconds(90));
    const auto groups = sums.for_cluster(app, now);
    EXPECT_EQ(groups.rows.size(), group_sums::max_rows);
    EXPECT_THAT(groups.others, ElementsAre(other_sessions{busy, 3, seconds(90)}));
}

TEST_F(cluster_groups_test, that_a_thread_has_not_told_apart_are_among_the_others) {
    session_tally counted;
    client_groups front;
    for (std::size_t i = 0; i < session_tally::most_groups + 5; ++i) {
        const auto name = std::to_string(i);
        counted.add(
            front.find_or_add(app, name, "", ip_address(), wake_class::never),
            idle,
            now - seconds(3)
        );
    }
    sums.add(counted);
    const auto beyond = session_tally::most_groups + 5 - group_sums::max_rows;
    EXPECT_THAT(
        sums.for_cluster(app, now).others, ElementsAre(other_sessions{idle, beyond, seconds(3)})
    );
}

TEST_F(cluster_groups_test, have_no_source_that_nobody_knows_and_are_utf8) {
    session_tally counted;
    client_groups front;
    const auto group = front.find_or_add(app, "z\xC3", "", ip_address(), wake_class::always);
    counted.add(group, busy, now + seconds(1));
    sums.add(counted);
    const auto row = sums.for_cluster(app, now).rows.at(0);
    EXPECT_EQ(row.source, "");
    EXPECT_EQ(row.role, "z\xEF\xBF\xBD");
    EXPECT_EQ(row.age, duration::zero()) << "clocks differ by little";
}

} // namespace
} // namespace wakegate::proxy
