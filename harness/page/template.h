#pragma once

#include <span>
#include <string_view>

namespace poolbench::page {

/// A file of the folder template/, as it was when the program was built.
struct TemplateFile {
  std::string_view name;  ///< "report.mustache"
  std::string_view text;
};

std::span<const TemplateFile> template_files();

}  // namespace poolbench::page
