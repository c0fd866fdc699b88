#pragma once

#include <string_view>

namespace wakegate {

/// The commit that this program was built from: "3e67f84d4bbf", with "-dirty" when files had been
/// changed, empty outside a clone. A library of its own, linked by the programs alone: with each
/// commit only they are linked anew.
[[nodiscard]] std::string_view commit() noexcept;

} // namespace wakegate
