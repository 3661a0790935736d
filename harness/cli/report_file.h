#pragma once

#include <filesystem>

namespace poolbench::cli {

/// What the user named: the file itself, or report.json in the folder of a run.
inline std::filesystem::path report_file(std::filesystem::path named) {
  std::error_code ignored;
  if (std::filesystem::is_directory(named, ignored)) named /= "report.json";
  return named;
}

}  // namespace poolbench::cli
