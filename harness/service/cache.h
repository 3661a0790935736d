#pragma once

#include <filesystem>

namespace poolbench::service {

/// Where that is kept which is made once: prepared targets, fresh database clusters.
struct Cache {
  std::filesystem::path kept;      ///< what is there already is used
  std::filesystem::path writable;  ///< what is missing is made here: the same folder, or one that
                                   ///< is gone with the run

  [[nodiscard]] bool can_keep() const { return kept == writable; }
};

}  // namespace poolbench::service
