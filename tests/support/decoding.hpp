#pragma once

#include "tests/support/feed.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

namespace wakegate::support {

/// The result of decoding all of `bytes`: one alternative, the same under every segmentation.
/// Afterwards the decoder must be in its initial state.
template <typename Decoder, typename Expected> Expected decoded(const std::string& bytes) {
    Expected result;
    under_every_segmentation(bytes, [&](const pieces& cuts) {
        Decoder decoder;
        for (const auto piece : cuts) {
            feed(decoder, piece);
        }
        ASSERT_EQ(decoder.wanted(), 0U);
        auto first = decoder.take();
        ASSERT_TRUE(std::holds_alternative<Expected>(first)) << "alternative " << first.index();
        result = std::get<Expected>(std::move(first));
        EXPECT_EQ(decoder.wanted(), Decoder().wanted()) << "a decoder is new again";
    });
    return result;
}

} // namespace wakegate::support
