#include "cli/exit_code.h"

#include "cli/output.h"

namespace poolbench::cli {

int report_error(const base::Error& error) {
  tell("poolbench: error: {}\n", base::to_text(error));
  switch (error.code) {
    case base::ErrorCode::kBadInput:
      return kBadUsage;
    case base::ErrorCode::kInterrupted:
      return kInterrupt;
    case base::ErrorCode::kFailed:
      break;
  }
  return kFailure;
}

}  // namespace poolbench::cli
