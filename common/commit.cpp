#include "common/commit.hpp"

#include "commit_value.hpp"

namespace wakegate {

std::string_view commit() noexcept {
    return WAKEGATE_COMMIT;
}

} // namespace wakegate
