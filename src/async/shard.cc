#include "async/shard.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "async/epoll_loop.h"
#include "async/loop.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::async {

Result<std::unique_ptr<ShardThread>> ShardThread::start(unsigned index, std::string name) {
  std::unique_ptr<ShardThread> made(new ShardThread(index, TRY(EpollLoop::create())));
  try {
    made->thread_ = std::thread([loop = made->loop_.get(), name] {
      ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
      loop->run();
    });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::Unavailable,
                "starting the thread " + name + ": " + error.code().message());
  }
  return made;
}

ShardThread::ShardThread(unsigned index, std::unique_ptr<Loop> loop)
    : loop_(std::move(loop)), shard_(index, *loop_) {}

ShardThread::~ShardThread() {
  if (thread_.joinable()) {
    loop_->stop();
    thread_.join();
  }
}

namespace {

/// CPUs by quota, or 0 where none is set.
double quota_cpus() {
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2) {
    std::string quota;
    double period = 0;
    if (v2 >> quota >> period && quota != "max" && period > 0) {
      return std::strtod(quota.c_str(), nullptr) / period;
    }
  }
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (v1_quota >> quota && v1_period >> period && quota > 0 && period > 0) {
    return quota / period;
  }
  return 0;
}

}  // namespace

unsigned usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned cpus = std::max(1U, std::thread::hardware_concurrency());
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) {
    cpus = static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  }
  if (const double quota = quota_cpus(); quota > 0) {
    cpus = std::min(cpus, static_cast<unsigned>(std::max(1.0, std::ceil(quota))));
  }
  return cpus;
}

}  // namespace kthena::async
