#include "proxy/wire/frame_walker.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::wire {

namespace {

/// Records its calls in one line: type, body size, and the requested prefix.
struct diary {
    std::uint16_t wanted = 0;
    std::string text = {};
    std::string prefix_so_far = {};
    char skippable_type = 0; // the type whose repetitions may be skipped

    std::uint16_t begin(char type, std::uint32_t body_size) {
        EXPECT_EQ(prefix_so_far, "") << "a prefix was left unfinished";
        text += type + std::to_string(body_size) + " ";
        return wanted;
    }

    void prefix(char type, std::string_view piece, bool last_piece) {
        EXPECT_FALSE(piece.empty());
        prefix_so_far += piece;
        if (last_piece) {
            text += std::string("(") + type + ":" + std::exchange(prefix_so_far, {}) + ") ";
        }
    }

    [[nodiscard]] bool may_skip_repeats(char type) const { return type == skippable_type; }
};

std::string walked(const std::string& bytes, std::uint16_t wanted) {
    std::string text;
    support::under_every_segmentation(bytes, [&](const support::pieces& pieces) {
        frame_walker walker;
        diary visitor{.wanted = wanted};
        for (const auto piece : pieces) {
            ASSERT_TRUE(walker.walk(piece, visitor));
        }
        EXPECT_TRUE(walker.at_boundary());
        EXPECT_TRUE(text.empty() || text == visitor.text);
        text = visitor.text;
    });
    return text;
}

const std::string three_frames =
    support::frame('a', "12345678") + support::frame('b') + support::frame('c', "12");

TEST(frame_walker, tells_of_every_frame) {
    EXPECT_EQ(walked(three_frames, 0), "a8 b0 c2 ");
}

TEST(frame_walker, gives_the_beginning_of_a_body_and_no_more) {
    EXPECT_EQ(walked(three_frames, 1), "a8 (a:1) b0 c2 (c:1) ");
    EXPECT_EQ(walked(three_frames, 5), "a8 (a:12345) b0 c2 (c:12) ");
    EXPECT_EQ(walked(three_frames, 8), "a8 (a:12345678) b0 c2 (c:12) ");
    EXPECT_EQ(walked(three_frames, 100), "a8 (a:12345678) b0 c2 (c:12) ");
}

TEST(frame_walker, passes_repeats_untold_where_it_may) {
    const auto row = support::frame('r', "12");
    const auto longer_row = support::frame('r', "123");
    const auto empty_row = support::frame('r');
    const auto other = support::frame('o', "12");
    const auto bytes = row + row + row + other + other + row + longer_row + longer_row + row +
                       empty_row + empty_row + empty_row;
    frame_walker walker;
    diary visitor{.skippable_type = 'r'};
    EXPECT_TRUE(walker.walk(bytes, visitor));
    EXPECT_TRUE(walker.at_boundary());
    EXPECT_EQ(visitor.text, "r2 o2 o2 r2 r3 r2 r0 ");
}

TEST(frame_walker, tells_of_what_ends_a_run_wherever_reads_cut_it) {
    const auto row = support::frame('r', "12");
    const auto bytes =
        row + row + row + support::frame('o', "12") + row + row + support::frame('p', "1");
    support::under_every_segmentation(bytes, [](const support::pieces& pieces) {
        frame_walker walker;
        diary visitor{.wanted = 1, .skippable_type = 'r'};
        for (const auto piece : pieces) {
            ASSERT_TRUE(walker.walk(piece, visitor));
        }
        EXPECT_TRUE(walker.at_boundary());
        EXPECT_EQ(visitor.text, "r2 (r:1) r2 (r:1) r2 (r:1) o2 (o:1) r2 (r:1) r2 (r:1) p1 (p:1) ");
    });
    support::under_every_segmentation(bytes, [](const support::pieces& pieces) {
        frame_walker walker;
        diary visitor{.skippable_type = 'r'};
        for (const auto piece : pieces) {
            ASSERT_TRUE(walker.walk(piece, visitor));
        }
        EXPECT_TRUE(walker.at_boundary());
        std::erase(visitor.text, ' ');
        EXPECT_THAT(visitor.text, testing::MatchesRegex("(r2)+o2(r2)+p1"));
    });
}

TEST(frame_walker, is_at_a_boundary_only_between_two_frames) {
    frame_walker walker;
    diary visitor;
    EXPECT_TRUE(walker.at_boundary());
    const auto bytes = support::frame('a', "123");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        EXPECT_TRUE(walker.walk(bytes.substr(at, 1), visitor));
        EXPECT_EQ(walker.at_boundary(), at + 1 == bytes.size());
    }
}

TEST(frame_walker, skips_the_longest_body_there_can_be) {
    frame_walker walker;
    diary visitor;
    EXPECT_TRUE(walker.walk("d" + support::int32(0x7fff'ffff), visitor));
    const std::string piece(1 << 20, 'x');
    for (std::uint32_t rest = 0x7fff'ffff - 4; rest > 0;) {
        EXPECT_FALSE(walker.at_boundary());
        const auto size = std::min<std::uint32_t>(rest, static_cast<std::uint32_t>(piece.size()));
        EXPECT_TRUE(walker.walk(std::string_view(piece).substr(0, size), visitor));
        rest -= size;
    }
    EXPECT_TRUE(walker.at_boundary());
    EXPECT_EQ(visitor.text, "d2147483643 ");
}

TEST(frame_walker, refuses_lengths_no_frame_can_have) {
    for (const std::uint32_t length : {0U, 3U, 0x8000'0000U, 0xffff'ffffU}) {
        const auto bytes = three_frames + "d" + support::int32(length);
        support::under_every_segmentation(bytes, [](const support::pieces& pieces) {
            frame_walker walker;
            diary visitor;
            bool whole = true;
            for (const auto piece : pieces) {
                EXPECT_TRUE(whole);
                whole = walker.walk(piece, visitor);
            }
            EXPECT_FALSE(whole);
            EXPECT_EQ(visitor.text, "a8 b0 c2 ");
        });
    }
}

TEST(frame_walker, takes_an_empty_piece_for_nothing) {
    frame_walker walker;
    diary visitor;
    EXPECT_TRUE(walker.walk({}, visitor));
    EXPECT_TRUE(walker.at_boundary());
    EXPECT_EQ(visitor.text, "");
}

} // namespace

} // namespace wakegate::wire
