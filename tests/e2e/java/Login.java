import java.sql.DriverManager;
import java.sql.SQLException;

/** Run by test_interop.py: URL USER PASSWORD. Prints whom the server takes it for. */
final class Login {
    private Login() {}

    public static void main(String[] arguments) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(arguments[0], arguments[1], arguments[2]);
                var statement = connection.prepareStatement("SELECT current_user WHERE ? = 1")) {
            statement.setInt(1, 1);
            try (var rows = statement.executeQuery()) {
                rows.next();
                System.out.println(rows.getString(1));
            }
        }
    }
}
