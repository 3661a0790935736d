#pragma once

#include <gtest/gtest.h>

#include "base/file.h"
#include "load/external/driver.h"

namespace poolbench::load::recorded {

inline const std::filesystem::path kRecorded =
    POOLBENCH_SOURCE_DIR "/harness/load/external/testdata";

/// A job of five connections whose folder holds what a tool once left there.
inline Job job_in(const std::string& folder = "") {
  Job job;
  job.server.endpoint.port = 8000;
  job.settings.connections = 5;
  job.settings.measure = std::chrono::seconds(1);
  job.settings.timeout = std::chrono::seconds(2);
  job.folder = kRecorded / folder;
  return job;
}

/// What the driver reads from a recorded output.
inline base::Result<report::Measurement> read(const Driver& driver, const std::string& file,
                                              const Job& job) {
  const auto text = base::read_file(kRecorded / file);
  EXPECT_TRUE(text) << file;
  return driver.read(job, {text.value_or(""), std::chrono::seconds(1)});
}

/// The same, which must be readable and add up.
inline report::Measurement measured(const Driver& driver, const std::string& file,
                                    Job job = job_in()) {
  const auto m = read(driver, file, job);
  EXPECT_TRUE(m) << base::to_text(m.error());
  if (!m) return {};
  EXPECT_EQ(m->requests.sent, m->requests.ok + m->requests.failed());
  return *m;
}

/// The same job for a number of requests.
inline Job counting(std::uint64_t requests, const std::string& folder = "") {
  Job job = job_in(folder);
  job.settings.requests = requests;
  return job;
}

}  // namespace poolbench::load::recorded
