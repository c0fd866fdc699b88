#include "proxy/relay/batched_iteration.hpp"

#include <boost/intrusive/list.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace wakegate::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct numbered : boost::intrusive::list_base_hook<> {
    int number = 0;
};

struct batched_iteration_list : testing::Test {
    using list = boost::intrusive::list<numbered>;

    batched_iteration_list() {
        for (int i = 0; i < 5; ++i) {
            elements[static_cast<std::size_t>(i)].number = i;
        }
    }

    ~batched_iteration_list() override { members.clear(); }

    void come(std::size_t which) { members.push_back(elements.at(which)); }

    void leave(std::size_t which) {
        iteration.before_erase(elements.at(which));
        members.erase(list::s_iterator_to(elements.at(which)));
    }

    std::vector<int> next(std::size_t most) {
        std::vector<int> visited;
        iteration.visit(most, [&](const numbered& each) { visited.push_back(each.number); });
        return visited;
    }

    std::array<numbered, 5> elements;
    list members;
    batched_iteration<list> iteration{members};
};

TEST_F(batched_iteration_list, is_met_share_by_share) {
    come(0);
    come(1);
    come(2);
    EXPECT_TRUE(iteration.is_over()) << "not begun";
    iteration.restart();
    EXPECT_THAT(next(2), ElementsAre(0, 1));
    EXPECT_FALSE(iteration.is_over());
    EXPECT_THAT(next(2), ElementsAre(2));
    EXPECT_TRUE(iteration.is_over());
    EXPECT_THAT(next(2), IsEmpty());
    iteration.restart();
    EXPECT_THAT(next(5), ElementsAre(0, 1, 2));
}

TEST_F(batched_iteration_list, that_is_empty_is_met_at_once) {
    iteration.restart();
    EXPECT_TRUE(iteration.is_over());
}

TEST_F(batched_iteration_list, whose_next_one_leaves_goes_on_behind_it) {
    come(0);
    come(1);
    come(2);
    iteration.restart();
    EXPECT_THAT(next(1), ElementsAre(0));
    leave(1);
    leave(0);
    EXPECT_THAT(next(5), ElementsAre(2));
}

TEST_F(batched_iteration_list, whose_last_one_leaves_is_over) {
    come(0);
    come(1);
    iteration.restart();
    EXPECT_THAT(next(1), ElementsAre(0));
    leave(1);
    EXPECT_TRUE(iteration.is_over());
    come(2);
    EXPECT_THAT(next(5), IsEmpty());
}

TEST_F(batched_iteration_list, is_met_with_those_who_come_meanwhile) {
    come(0);
    come(1);
    iteration.restart();
    EXPECT_THAT(next(1), ElementsAre(0));
    come(2);
    EXPECT_THAT(next(5), ElementsAre(1, 2));
}

} // namespace
} // namespace wakegate::proxy
