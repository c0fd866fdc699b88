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

/// "mode 0644" of a file of secrets that others may read: more than its owner, or, of one of
/// root's, than its group, which is how libpq judges keys. Nothing when all is well, or when there
/// is no such file.
[[nodiscard]] std::optional<std::string> mode_open_to_others(const std::string& path);

} // namespace wakegate
