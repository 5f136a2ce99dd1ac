package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What readers see of a run, in the room it takes. */
class ViewTest {

  private static final RunKey RUN = new RunKey(Tenant.DEFAULT, RunId.of("run"));
  // of an object and of a reference, on a JVM of 64 bits with a heap below 32 GiB
  private static final int HEADER = 12;
  private static final int REFERENCE = 4;

  @ParameterizedTest
  @CsvSource({"true, 0", "false, 0", "true, 999999999", "false, 999999999"})
  void theIndexEntryOfARunComesOutAsItWentIn(boolean open, int nano) {
    RunIndex entry =
        new RunIndex(
            RUN, "p", "S", open, Instant.EPOCH, Instant.ofEpochSecond(7, nano), Map.of("a", "b"));
    View.OfRun run = new View.OfRun(RUN);

    run.set(entry);

    assertThat(run.hasEnded()).isEqualTo(!open);
    assertThat(run.index()).contains(entry);
  }

  @Test
  void withoutAnIndexEntryARunHasNotEnded() {
    View.OfRun run = new View.OfRun(RUN);

    assertThat(run.hasEnded()).isFalse();
    assertThat(run.index()).isEmpty();
  }

  /** A hundred thousand may be open at once, and an object is a multiple of eight bytes. */
  @Test
  void whatIsKeptOfARunTakesNinetySixBytes() {
    int bytes = HEADER;
    for (Class<?> type = View.OfRun.class; type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        bytes += Modifier.isStatic(field.getModifiers()) ? 0 : width(field.getType());
      }
    }

    assertThat(bytes).isBetween(89, 96);
  }

  private static int width(Class<?> type) {
    if (!type.isPrimitive()) {
      return REFERENCE;
    }
    return type == long.class ? Long.BYTES : type == int.class ? Integer.BYTES : 1;
  }
}
