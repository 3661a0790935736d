#include "console/exit_code.h"

#include "console/output.h"

namespace poolbench::console {

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

}  // namespace poolbench::console
