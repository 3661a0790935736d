#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace poolbench::report {

/// Something that a reader of the report's figures should know.
struct Note {
  /// kLimit: figures do not mean what they seem to. kWarning: something may have spoilt them.
  /// kRemark: how to take them.
  enum class Kind { kLimit, kWarning, kRemark };
  Kind kind = Kind::kRemark;
  std::string what;  ///< in whole sentences, printable
  std::string next;  ///< what to do about it; may be empty
};

/// All of them, the most important first; the same sentence of several trials once.
std::vector<Note> notes_of(const Report& report);

}  // namespace poolbench::report
