#pragma once

#include "report/text.h"

namespace poolbench::console {

/// Whether the descriptor is a terminal that understands cursor movements.
bool is_terminal(int fd);

/// Width of the terminal, and colours unless NO_COLOR is set and not empty; a pipe gets 120 plain
/// columns.
report::TextStyle text_style(int fd);

}  // namespace poolbench::console
