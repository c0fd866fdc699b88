#include "proxy/relay/session_counter.hpp"

#include <boost/intrusive/list.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <vector>

namespace wakegate::proxy {

/// The relay only passes it to owners.
class session_tally {
public:
    int sessions = 0;
};

namespace {

struct counted_slot : boost::intrusive::list_base_hook<> {
    struct {
        void add_to(session_tally& tally) const { ++tally.sessions; }
    } session;
};

struct session_counter_slots : testing::Test {
    void add_slots(int count) {
        for (int i = 0; i < count; ++i) {
            members.push_back(slots.emplace_back());
        }
    }

    ~session_counter_slots() override { members.clear(); }

    /// A request whose tally is counted in `done`.
    void ask(int count = 1) {
        std::vector<count_request> requests;
        for (int i = 0; i < count; ++i) {
            tallies.push_back(std::make_shared<session_tally>());
            requests.push_back({tallies.back(), [this] { ++done; }});
        }
        counter.add(std::move(requests), now);
    }

    /// Counts as the loop does; returns the number of turns.
    int serve() {
        int turns = 0;
        for (; counter.due() != time_point::max(); ++turns) {
            now = counter.due();
            counter.count_batch(now);
        }
        return turns;
    }

    std::deque<counted_slot> slots;
    boost::intrusive::list<counted_slot> members;
    session_counter<boost::intrusive::list<counted_slot>> counter{members};
    std::vector<std::shared_ptr<session_tally>> tallies;
    int done = 0;
    time_point now{seconds(1'000)};
};

TEST_F(session_counter_slots, are_counted_on_request) {
    add_slots(3);
    EXPECT_EQ(counter.due(), time_point::max());
    ask();
    EXPECT_EQ(counter.due(), now);
    EXPECT_EQ(serve(), 1);
    EXPECT_EQ(done, 1);
    EXPECT_EQ(tallies[0]->sessions, 3);
}

TEST_F(session_counter_slots, are_counted_in_several_turns_when_there_are_many) {
    add_slots(10'000);
    ask();
    counter.count_batch(now);
    EXPECT_EQ(done, 0);
    EXPECT_GT(counter.due(), now) << "others are served first";
    EXPECT_LT(tallies[0]->sessions, 1'000);
    EXPECT_GT(serve(), 10);
    EXPECT_EQ(tallies[0]->sessions, 10'000);
}

TEST_F(session_counter_slots, are_counted_for_each_request) {
    add_slots(600);
    ask(2);
    counter.count_batch(now);
    ask();
    serve();
    EXPECT_EQ(done, 3);
    for (const auto& tally : tallies) {
        EXPECT_EQ(tally->sessions, 600);
    }
}

TEST_F(session_counter_slots, may_be_erased_meanwhile) {
    add_slots(1'000);
    ask();
    counter.count_batch(now);
    for (int i = 0; i < 100; ++i) {
        counter.before_erase(members.back());
        members.pop_back();
    }
    serve();
    EXPECT_EQ(tallies[0]->sessions, 900);
}

TEST_F(session_counter_slots, are_counted_though_there_are_none) {
    ask();
    EXPECT_EQ(serve(), 1);
    EXPECT_EQ(done, 1);
}

} // namespace
} // namespace wakegate::proxy
