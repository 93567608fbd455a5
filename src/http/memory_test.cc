#include "http/memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kthena::http {
namespace {

TEST(Buffer, HasRoomForWhatWasAskedAndSlackBehindIt) {
  for (const std::size_t wanted :
       {0UZ, 1UZ, 4032UZ, 4033UZ, 65536UZ, (4UZ << 20) - 64, 5UZ << 20}) {
    Buffer buffer = Buffer::allocate(wanted, nullptr);
    ASSERT_TRUE(buffer);
    EXPECT_GE(buffer.capacity(), wanted);
    EXPECT_EQ(buffer.size(), 0U);
    std::memset(buffer.data(), 7, buffer.capacity() + Buffer::kSlack);
  }
  EXPECT_EQ(Buffer::allocate(4032, nullptr).capacity(), 4032U);
  EXPECT_EQ(Buffer::allocate(4033, nullptr).capacity(), 8192 - Buffer::kSlack);
}

TEST(Buffer, AppendsAndKeepsItsContentWhenItGrows) {
  Buffer buffer = Buffer::allocate(10, nullptr);
  buffer.append("hello ");
  ASSERT_TRUE(buffer.reserve(100'000));
  buffer.append("world");
  EXPECT_EQ(buffer.view(), "hello world");
  EXPECT_GE(buffer.room(), 100'000 - 11U);
}

TEST(Buffer, ReserveWithinTheCapacityMovesNothing) {
  Buffer buffer = Buffer::allocate(10, nullptr);
  const char* before = buffer.data();
  ASSERT_TRUE(buffer.reserve(4000));
  EXPECT_EQ(buffer.data(), before);
}

TEST(Buffer, MovesLeaveAnEmptyOneBehind) {
  MemoryBudget budget(1 << 20);
  Buffer a = Buffer::allocate(10, &budget);
  a.append("x");
  Buffer b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(a.capacity(), 0U);
  EXPECT_EQ(b.view(), "x");
  Buffer c = Buffer::allocate(10, &budget);
  c = std::move(b);
  EXPECT_EQ(c.view(), "x");
  EXPECT_EQ(budget.used(), 4096U);
}

TEST(MemoryBudget, CountsWholeBlocksAndGetsAllOfThemBack) {
  MemoryBudget budget(64 << 10);
  {
    Buffer small = Buffer::allocate(100, &budget);
    EXPECT_EQ(budget.used(), 4096U);
    ASSERT_TRUE(small.reserve(20'000));
    EXPECT_EQ(budget.used(), 32768U);
    small.reset();
    EXPECT_EQ(budget.used(), 0U);
    small.reset();
    EXPECT_EQ(budget.used(), 0U);
    small = Buffer::allocate(5 << 20, nullptr);
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(MemoryBudget, RefusesBeyondItsLimitAndLeavesTheBufferAsItWas) {
  MemoryBudget budget(16 << 10);
  Buffer buffer = Buffer::allocate(4000, &budget);
  buffer.append("kept");
  EXPECT_FALSE(buffer.reserve(16'000));
  EXPECT_EQ(buffer.view(), "kept");
  EXPECT_EQ(budget.used(), 4096U);
  EXPECT_FALSE(Buffer::allocate(16'000, &budget));
  EXPECT_EQ(Buffer::allocate(16'000, &budget).capacity(), 0U);
  EXPECT_TRUE(Buffer::allocate(8'000, &budget));
  EXPECT_FALSE(Buffer::allocate(SIZE_MAX, &budget));
  EXPECT_EQ(budget.used(), 4096U);
}

TEST(MemoryBudget, IsExactUnderThreads) {
  MemoryBudget budget(100 << 10);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&budget] {
      for (int i = 0; i < 2000; ++i) {
        const Buffer a = Buffer::allocate(8000, &budget);
        const Buffer b = Buffer::allocate(30'000, &budget);
        ASSERT_LE(budget.used(), budget.limit());
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(budget.used(), 0U);
}

TEST(BufferPool, StaysWithinItsBounds) {
  std::thread([] {
    std::vector<Buffer> buffers;
    for (int i = 0; i < 600; ++i) {
      buffers.push_back(Buffer::allocate(60'000, nullptr));
      buffers.push_back(Buffer::allocate(3'000, nullptr));
      buffers.push_back(Buffer::allocate(1'000'000, nullptr));
    }
    buffers.clear();
    EXPECT_LE(pooled_buffer_bytes(), 8U << 20);
#ifndef KTHENA_SANITIZED
    EXPECT_GE(pooled_buffer_bytes(), 5U << 20);
    const std::size_t before = pooled_buffer_bytes();
    const Buffer again = Buffer::allocate(60'000, nullptr);
    EXPECT_EQ(pooled_buffer_bytes(), before - (64U << 10));
#endif
  }).join();
}

TEST(BufferPool, TakesBuffersOfOtherThreads) {
  Buffer buffer;
  std::thread([&buffer] {
    buffer = Buffer::allocate(5000, nullptr);
    buffer.append("from another thread");
  }).join();
  EXPECT_EQ(buffer.view(), "from another thread");
  buffer.reset();
}

TEST(ReadScratch, IsOnePerThread) {
  char* mine = read_scratch();
  EXPECT_EQ(mine, read_scratch());
  std::memset(mine, 0, kReadScratchSize);
  std::thread([mine] { EXPECT_NE(mine, read_scratch()); }).join();
}

}  // namespace
}  // namespace kthena::http
