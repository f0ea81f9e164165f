#include "impl/page_cache.h"

#include <gtest/gtest.h>

#include "cow/ids.h"

namespace cow::impl {
namespace {

TEST(PageCache, KeepsPagesOfObjectsOfAnyLength) {
  for (const std::uint32_t pages : {1u, 256u, 257u, 65'537u, kMaxPages}) {
    PageCache<Threads> cache;
    cache.reset();
    const ObjectNo o = cache.add(Kind::shmem, pages, 0);
    EXPECT_EQ(cache.find(o, pages - 1), 0u);
    EXPECT_TRUE(cache.insert(o, pages - 1, 42));
    EXPECT_TRUE(cache.insert(o, 0, 43));
    EXPECT_EQ(cache.find(o, 0), 43u);
    EXPECT_EQ(cache.find(o, pages - 1), pages == 1 ? 43u : 42u);
  }
}

TEST(PageCache, VisitsInOrderAndReusesNumbers) {
  PageCache<Threads> cache;
  cache.reset();
  cache.add(Kind::file, 8, 1);
  cache.files_are_added();
  const ObjectNo o = cache.add(Kind::shmem, 100'000, 0);
  for (const std::uint32_t page : {70'000u, 3u, 300u}) cache.insert(o, page, page + 1);
  std::vector<std::uint32_t> seen;
  cache.for_each(o, [&](std::uint32_t page, FrameNo f) {
    EXPECT_EQ(f, page + 1);
    seen.push_back(page);
  });
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{3, 300, 70'000}));
  cache.remove(o);
  EXPECT_EQ(cache.add(Kind::shmem, 5, 0), o);
  EXPECT_EQ(cache.find(o, 3), 0u);
  EXPECT_EQ(cache.files(), 1u);
}

}  // namespace
}  // namespace cow::impl
