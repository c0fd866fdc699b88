#include "common/descriptor_ready.hpp"

#include <gtest/gtest.h>

#include <array>

#include <poll.h>
#include <unistd.h>

namespace wakegate {
namespace {

TEST(descriptor_ready, is_that_of_this_moment) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto [reader, writer] = ends;
    EXPECT_FALSE(descriptor_ready(reader, POLLIN));
    EXPECT_TRUE(descriptor_ready(writer, POLLOUT));
    ASSERT_EQ(::write(writer, "x", 1), 1);
    EXPECT_TRUE(descriptor_ready(reader, POLLIN));
    char byte = 0;
    ASSERT_EQ(::read(reader, &byte, 1), 1);
    EXPECT_FALSE(descriptor_ready(reader, POLLIN));
    ::close(writer);
    EXPECT_TRUE(descriptor_ready(reader, POLLIN)) << "the end is something to read, too";
    ::close(reader);
}

} // namespace
} // namespace wakegate
