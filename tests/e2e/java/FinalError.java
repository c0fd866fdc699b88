import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * Run by test_final_error.py: URL QUERY. Asks QUERY, and for the line it reads something else. Prints
 * the SQLSTATE of that.
 */
final class FinalError {
    private FinalError() {}

    public static void main(String[] arguments) throws Exception {
        try (var connection = DriverManager.getConnection(arguments[0], "postgres", "");
                var statement = connection.createStatement()) {
            statement.execute(arguments[1]);
            System.in.read();
            try {
                statement.execute("SELECT 2");
                System.out.println("no error");
            } catch (SQLException error) {
                System.out.println(error.getSQLState());
            }
        }
    }
}
