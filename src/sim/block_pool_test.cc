#include "sim/block_pool.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>

namespace kthena::sim {
namespace {

TEST(BlockPool, AReleasedBlockIsFoundUntilItIsNeeded) {
  BlockPool pool(2, true);
  const BlockId a = pool.allocate();
  pool.publish(a, 11);
  pool.release({{a}});
  EXPECT_EQ(pool.free(), 2U);
  EXPECT_EQ(pool.find(11), a);
  const BlockId b = pool.allocate();
  EXPECT_NE(b, a);
  EXPECT_EQ(pool.find(11), a);
  EXPECT_EQ(pool.allocate(), a);
  EXPECT_EQ(pool.find(11), std::nullopt);
  EXPECT_EQ(pool.evictions(), 1U);
}

TEST(BlockPool, ASequencesLastBlockIsEvictedFirst) {
  BlockPool pool(3, true);
  const BlockId blocks[] = {pool.allocate(), pool.allocate(), pool.allocate()};
  for (std::size_t i = 0; i < 3; ++i) {
    pool.publish(blocks[i], i + 1);
  }
  pool.release(blocks);
  EXPECT_EQ(pool.allocate(), blocks[2]);
  EXPECT_EQ(pool.allocate(), blocks[1]);
  EXPECT_EQ(pool.find(1), blocks[0]);
}

TEST(BlockPool, UseMakesABlockRecent) {
  BlockPool pool(2, true);
  const BlockId a = pool.allocate();
  const BlockId b = pool.allocate();
  pool.publish(a, 1);
  pool.publish(b, 2);
  pool.release({{a}});
  pool.release({{b}});
  pool.acquire(a);
  pool.release({{a}});
  EXPECT_EQ(pool.allocate(), b);
}

TEST(BlockPool, ASharedBlockStaysUntilTheLastReference) {
  BlockPool pool(1, true);
  const BlockId a = pool.allocate();
  pool.publish(a, 1);
  pool.acquire(a);
  pool.release({{a}});
  EXPECT_EQ(pool.used(), 1U);
  pool.release({{a}});
  EXPECT_EQ(pool.used(), 0U);
}

TEST(BlockPool, TheFirstBlockOfAContentStaysTheOneFound) {
  BlockPool pool(2, true);
  const BlockId a = pool.allocate();
  const BlockId b = pool.allocate();
  pool.publish(a, 1);
  pool.publish(b, 1);
  EXPECT_EQ(pool.find(1), a);
  pool.release({{b}});
  EXPECT_EQ(pool.allocate(), b);
  EXPECT_EQ(pool.find(1), a);
}

TEST(BlockPool, ContentIsForgottenOnlyWhenNothingIsInUse) {
  BlockPool pool(2, true);
  const BlockId a = pool.allocate();
  pool.publish(a, 1);
  EXPECT_FALSE(pool.forget_content());
  pool.release({{a}});
  EXPECT_TRUE(pool.forget_content());
  EXPECT_EQ(pool.find(1), std::nullopt);
}

TEST(BlockHasher, DependsOnEveryTokenBeforeAndOnTheSalt) {
  const auto hash = [](std::uint64_t salt, std::initializer_list<std::uint32_t> tokens) {
    BlockHasher hasher(2, salt);
    std::optional<BlockHash> last;
    for (const std::uint32_t token : tokens) {
      last = hasher.add(token);
    }
    return last;
  };
  EXPECT_EQ(hash(0, {1}), std::nullopt);
  EXPECT_EQ(hash(0, {1, 2}), hash(0, {1, 2}));
  EXPECT_NE(hash(0, {1, 2}), hash(0, {2, 1}));
  EXPECT_NE(hash(0, {1, 2}), hash(7, {1, 2}));
  EXPECT_NE(hash(0, {1, 2, 3, 4}), hash(0, {9, 2, 3, 4}));
}

}  // namespace
}  // namespace kthena::sim
