#pragma once

#include <boost/system/result.hpp>

#include <optional>
#include <string>

namespace wakegate {

/// Why a program can't read a file or folder, in words that name it: "'/etc/x' is missing", "... is
/// a folder, not a file", "... can't be read: Permission denied (user 990)".
struct file_error {
    std::string text;
};

/// Whether this program can read the file `path`. Pipes and devices are files, too; they are not
/// opened.
[[nodiscard]] boost::system::result<void, file_error> check_readable(const std::string& path);

/// The same of a folder that is to be listed.
[[nodiscard]] boost::system::result<void, file_error> check_listable(const std::string& path);

/// "mode 0644" when others may read a file of secrets: anybody but its owner and, for root's files,
/// its group, as libpq checks key files. nullopt when nobody else may, or when there is no such
/// file.
[[nodiscard]] std::optional<std::string> mode_open_to_others(const std::string& path);

} // namespace wakegate
