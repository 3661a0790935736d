#pragma once

#include <string>
#include <vector>

#include "run/block_runner.h"

namespace poolbench::run {

/// For tests: keeps what it is told.
struct KeepingObserver final : Observer {
  void note(const std::string& text) override { notes.push_back(text); }
  void trial_started(const TrialSpec& trial, const Outlook& outlook) override {
    started.push_back(trial);
    outlooks.push_back(outlook);
  }
  void phase_started(const std::string& phase) override { phases.push_back(phase); }
  void under_load() override {}
  void trial_finished(const report::Trial& trial) override { finished.push_back(trial); }

  std::vector<std::string> notes, phases;
  std::vector<TrialSpec> started;
  std::vector<Outlook> outlooks;
  std::vector<report::Trial> finished;
};

}  // namespace poolbench::run
