BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE filed_copies (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	year INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	number TEXT, 
	number_value TEXT, 
	symbol TEXT, 
	date DATE, 
	summary TEXT, 
	issuer TEXT, 
	signers JSON NOT NULL, 
	format TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	incoming BOOLEAN NOT NULL, 
	filed_at DATETIME NOT NULL, 
	words TEXT NOT NULL, 
	signer_words TEXT NOT NULL, 
	CONSTRAINT pk_filed_copies PRIMARY KEY (id), 
	CONSTRAINT uq_filed_copies_path UNIQUE (path)
);
INSERT INTO "filed_copies" VALUES(1,'2026/Quyết định/12_QĐ-UBND_phê-duyệt-kế-hoạch-đào-tạo.pdf',2026,'Quyết định','12','12','QĐ-UBND','2026-03-05','Về việc phê duyệt kế hoạch đào tạo','ỦY BAN NHÂN DÂN XÃ HÒA SƠN','["Tr\u1ea7n Th\u1ecb B\u00edch H\u1ea1nh"]','pdf',48211,'1111111111111111111111111111111111111111111111111111111111111111',0,'2026-03-05 02:15:00.000000','12 qd ubnd quyet dinh ve viec phe duyet ke hoach dao tao uy ban nhan dan xa hoa son tran thi bich hanh 12 qd ubnd phe duyet ke hoach dao tao','tran thi bich hanh');
INSERT INTO "filed_copies" VALUES(2,'2026/Quyết định/12_QĐ-UBND_phê-duyệt-kế-hoạch-đào-tạo (2).pdf',2026,'Quyết định','12','12','QĐ-UBND','2026-03-05','Về việc phê duyệt kế hoạch đào tạo','ỦY BAN NHÂN DÂN XÃ HÒA SƠN','["Tr\u1ea7n Th\u1ecb B\u00edch H\u1ea1nh", "UBND x\u00e3 H\u00f2a S\u01a1n"]','pdf',61875,'2222222222222222222222222222222222222222222222222222222222222222',0,'2026-03-05 02:40:00.000000','12 qd ubnd quyet dinh ve viec phe duyet ke hoach dao tao uy ban nhan dan xa hoa son tran thi bich hanh ubnd xa hoa son 12 qd ubnd phe duyet ke hoach dao tao 2','tran thi bich hanh ubnd xa hoa son');
INSERT INTO "filed_copies" VALUES(3,'2025/Công văn/05_UBND-VX_mời-dự-hội-nghị.docx',2025,'Công văn','05','5','UBND-VX','2025-12-31','V/v mời dự hội nghị "tổng kết" 100% — đợt 2''',NULL,'["Nguy\u1ec5n V\u0103n \u0110\u1ecbnh"]','ooxml',20480,'3333333333333333333333333333333333333333333333333333333333333333',0,'2025-12-31 16:59:59.123456','05 ubnd vx cong van v v moi du hoi nghi tong ket 100 dot 2 nguyen van dinh 05 ubnd vx moi du hoi nghi','nguyen van dinh');
INSERT INTO "filed_copies" VALUES(4,'2026/Khác/Giấy mời họp.pdf',2026,'Khác',NULL,NULL,NULL,NULL,NULL,NULL,'[]','pdf',7,'4444444444444444444444444444444444444444444444444444444444444444',0,'2026-01-02 01:00:00.000000','khac giay moi hop','');
INSERT INTO "filed_copies" VALUES(5,'2026/Công văn/05_STP_hướng-dẫn.pdf',2026,'Công văn','05','5','STP','2026-02-01','Hướng dẫn','SỞ TƯ PHÁP','["L\u00ea Th\u1ecb M\u1ef9 Duy\u00ean"]','pdf',99,'5555555555555555555555555555555555555555555555555555555555555555',1,'2026-02-03 01:00:00.000000','05 stp cong van huong dan so tu phap le thi my duyen 05 stp huong dan','le thi my duyen');
CREATE INDEX ix_filed_copies_sha256 ON filed_copies (sha256);
CREATE INDEX ix_filed_copies_year_number_value_symbol ON filed_copies (year, number_value, symbol);
CREATE INDEX ix_filed_copies_date ON filed_copies (date);
COMMIT;
