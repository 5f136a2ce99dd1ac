package dev.maestro.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ReasonTest {

  @TestFactory
  Stream<DynamicTest> everyConstantIsNamedForItsCode() {
    return Stream.of(Reason.class.getFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()))
        .map(field -> DynamicTest.dynamicTest(field.getName(), () -> check(field)));
  }

  private static void check(Field field) throws IllegalAccessException {
    String code = field.getName().toLowerCase(Locale.ROOT).replace('_', '-');
    assertThat(field.get(null)).isEqualTo(Reason.of(code));
  }

  @Test
  void aCodeOfSomebodyElsesIsLowerCaseWordsWithHyphens() {
    assertThat(Reason.of("no-2-of-3")).hasToString("no-2-of-3");
    for (String wrong : new String[] {"", "No", "a_b", "a--b", "-a", "a-", "2-a", "a".repeat(61)}) {
      assertThatThrownBy(() -> Reason.of(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
