#include "proxy/net/descriptor_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace wakegate::proxy {
namespace {

rlimit open_files() {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit;
}

TEST(descriptor_limit, takes_all_the_open_files_it_is_allowed) {
    auto low = open_files();
    low.rlim_cur = std::min<rlim_t>(64, low.rlim_max);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    raise_descriptor_limit();
    EXPECT_EQ(open_files().rlim_cur, low.rlim_max);
}

TEST(descriptor_limit, has_room_for_two_descriptors_a_session_and_for_the_rest) {
    const auto limit = open_files();
    EXPECT_LE(2 * max_sessions(), limit.rlim_cur);
    EXPECT_GE(4 * max_sessions(), limit.rlim_cur / 2);
}

TEST(descriptor_limit, keeps_no_descriptor_for_itself) {
    const int before = ::dup(STDERR_FILENO);
    ::close(before);
    raise_descriptor_limit();
    const int after = ::dup(STDERR_FILENO);
    ::close(after);
    EXPECT_EQ(after, before);
}

} // namespace
} // namespace wakegate::proxy
