package dev.maestro.providers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;

/** What holds for every line of JSON that a program tells, whose word nobody can rely on. */
final class JsonLine {

  private static final int LONGEST_NUMBER = 100;
  private static final int MOST_DIGITS = 30;

  private JsonLine() {}

  /** {@return a reader of one value that fills its text, nested so deep at the most} */
  static ObjectReader reader(int deepest) {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(deepest)
            .maxNumberLength(LONGEST_NUMBER)
            .build();
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .build()
        .reader();
  }

  /**
   * {@return whether it stays short when it is written out: an exponent can make gigabytes of it}
   */
  static boolean isShort(BigDecimal number) {
    return number.precision() <= MOST_DIGITS && Math.abs(number.scale()) <= MOST_DIGITS;
  }
}
