#include "base/result.h"

namespace poolbench::base {

std::string to_text(const Error& error) {
  std::string text = error.message;
  if (!error.where.empty()) text += "\n  at " + error.where;
  if (!error.next.empty()) text += "\n  next: " + error.next;
  return text;
}

}  // namespace poolbench::base
