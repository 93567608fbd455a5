// The same test on both loops.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/simulated_loop.h"

namespace kthena::async::testing {

template <class L>
class OnBothLoops : public ::testing::Test {
 public:
  OnBothLoops() {
    if constexpr (std::is_same_v<L, EpollLoop>) {
      loop_ = *EpollLoop::create();
    } else {
      loop_ = std::make_unique<SimulatedLoop>(7);
    }
  }
  L& loop() { return *loop_; }
  template <class T>
  T run(Task<T> task) {
    return run_until_done(*loop_, std::move(task));
  }

 private:
  std::unique_ptr<L> loop_;
};
using Loops = ::testing::Types<EpollLoop, SimulatedLoop>;

}  // namespace kthena::async::testing
