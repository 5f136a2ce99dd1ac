package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TrailTest {

  private static final int MANY = 200_000;

  private final Trail trail = new Trail(1);

  private void end(long batch, long... hashes) {
    for (long hash : hashes) {
      trail.touch(new Trail.Touch(hash, batch, false));
    }
    trail.endBatch(batch, 100);
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
  void batchesThatOnlyRenewLeasesDoNotMakeThoseBehindThemDearer() {
    end(1, 7);
    long told = 0;
    for (int batch = 2; batch < MANY; batch++) {
      told += trail.near().touched().size();
      end(batch);
    }

    assertThat(told).isEqualTo(MANY - 2);
    assertThat(trail.near().since()).isEqualTo(1);
  }

  @Test
  void tellsOfAllSinceTheLastOneThatItLeftOut() {
    end(1);
    end(2, 1, 2, 3, 4, 5);
    assertThat(trail.near().since()).isEqualTo(1);
    end(3);
    end(4, 6);
    end(5, 7);
    end(6, 8, 9);

    assertThat(trail.near().since()).isEqualTo(3);
    assertThat(trail.near().touched()).containsOnlyKeys(6L, 7L, 8L, 9L);
  }
}
