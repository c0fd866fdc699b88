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

    void append(std::size_t index) { members.push_back(elements.at(index)); }

    void erase(std::size_t index) {
        iteration.before_erase(elements.at(index));
        members.erase(list::s_iterator_to(elements.at(index)));
    }

    std::vector<int> next(std::size_t max) {
        std::vector<int> numbers;
        iteration.visit(max, [&](const numbered& element) { numbers.push_back(element.number); });
        return numbers;
    }

    std::array<numbered, 5> elements;
    list members;
    batched_iteration<list> iteration{members};
};

TEST_F(batched_iteration_list, is_visited_in_batches) {
    append(0);
    append(1);
    append(2);
    EXPECT_TRUE(iteration.is_over()) << "before restart";
    iteration.restart();
    EXPECT_THAT(next(2), ElementsAre(0, 1));
    EXPECT_FALSE(iteration.is_over());
    EXPECT_THAT(next(2), ElementsAre(2));
    EXPECT_TRUE(iteration.is_over());
    EXPECT_THAT(next(2), IsEmpty());
    iteration.restart();
    EXPECT_THAT(next(5), ElementsAre(0, 1, 2));
}

TEST_F(batched_iteration_list, that_is_empty_is_over_at_once) {
    iteration.restart();
    EXPECT_TRUE(iteration.is_over());
}

TEST_F(batched_iteration_list, whose_next_element_is_erased_goes_on_behind_it) {
    append(0);
    append(1);
    append(2);
    iteration.restart();
    EXPECT_THAT(next(1), ElementsAre(0));
    erase(1);
    erase(0);
    EXPECT_THAT(next(5), ElementsAre(2));
}

TEST_F(batched_iteration_list, whose_last_element_is_erased_is_over) {
    append(0);
    append(1);
    iteration.restart();
    EXPECT_THAT(next(1), ElementsAre(0));
    erase(1);
    EXPECT_TRUE(iteration.is_over());
    append(2);
    EXPECT_THAT(next(5), IsEmpty());
}

TEST_F(batched_iteration_list, is_visited_with_elements_that_are_appended_meanwhile) {
    append(0);
    append(1);
    iteration.restart();
    EXPECT_THAT(next(1), ElementsAre(0));
    append(2);
    EXPECT_THAT(next(5), ElementsAre(1, 2));
}

} // namespace
} // namespace wakegate::proxy
