package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Whether the JVM of a session is still there. */
class SessionTest {

  private final Session own = Session.begin();

  @Test
  void thisJvmIsAlive() {
    assertThat(own.isAlive()).isTrue();
    assertThat(own.pid()).isEqualTo(ProcessHandle.current().pid());
  }

  @Test
  void anotherStartIsAnotherJvm() {
    assertThat(new Session(own.id(), own.bootId(), own.pid(), own.startTicks() - 1).isAlive())
        .isFalse();
  }

  @Test
  void nothingSurvivesABoot() {
    assertThat(new Session(own.id(), "another", own.pid(), own.startTicks()).isAlive()).isFalse();
  }

  @Test
  void everyOneHasANameOfItsOwn() {
    assertThat(Session.begin().id()).isNotEqualTo(own.id()).hasSize(32);
  }

  @Test
  void aNameHoldsNothingThatSeparatesMarkers() {
    for (String bad : new String[] {"short", "0123456789abcdef.", "0123456789abcdef,x"}) {
      assertThatThrownBy(() -> new Session(bad, "", 1, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void ownsMarkersThatBeginWithItAndADot() {
    assertThat(own.owns(Session.newMarker(own.id()))).isTrue();
    assertThat(own.owns(own.id())).isFalse();
    assertThat(own.owns(own.id() + "0.x")).isFalse();
  }
}
