#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace wakegate::support {

using pieces = std::vector<std::string_view>;

inline pieces one_byte_at_a_time(std::string_view bytes) {
    pieces result;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        result.push_back(bytes.substr(at, 1));
    }
    return result;
}

/// Runs `script` with `bytes` all at once, one byte at a time, and cut in two at every place.
inline void
under_every_segmentation(std::string_view bytes, const std::function<void(const pieces&)>& script) {
    {
        SCOPED_TRACE("all at once");
        script({bytes});
    }
    {
        SCOPED_TRACE("one byte at a time");
        script(one_byte_at_a_time(bytes));
    }
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        SCOPED_TRACE("cut at " + std::to_string(cut));
        script({bytes.substr(0, cut), bytes.substr(cut)});
    }
}

} // namespace wakegate::support
