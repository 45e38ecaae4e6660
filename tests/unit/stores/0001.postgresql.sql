SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.filed_copies (
    id integer NOT NULL,
    path text NOT NULL,
    year integer NOT NULL,
    type text NOT NULL,
    number text,
    number_value text,
    symbol text,
    date date,
    summary text,
    issuer text,
    signers json NOT NULL,
    format text NOT NULL,
    size bigint NOT NULL,
    sha256 character varying(64) NOT NULL,
    incoming boolean NOT NULL,
    filed_at timestamp with time zone NOT NULL,
    words text NOT NULL,
    signer_words text NOT NULL
);
CREATE SEQUENCE public.filed_copies_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.filed_copies_id_seq OWNED BY public.filed_copies.id;
ALTER TABLE ONLY public.filed_copies ALTER COLUMN id SET DEFAULT nextval('public.filed_copies_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.filed_copies VALUES (1, '2026/Quyết định/12_QĐ-UBND_phê-duyệt-kế-hoạch-đào-tạo.pdf', 2026, 'Quyết định', '12', '12', 'QĐ-UBND', '2026-03-05', 'Về việc phê duyệt kế hoạch đào tạo', 'ỦY BAN NHÂN DÂN XÃ HÒA SƠN', '["Tr\u1ea7n Th\u1ecb B\u00edch H\u1ea1nh"]', 'pdf', 48211, '1111111111111111111111111111111111111111111111111111111111111111', false, '2026-03-05 02:15:00+00', '12 qd ubnd quyet dinh ve viec phe duyet ke hoach dao tao uy ban nhan dan xa hoa son tran thi bich hanh 12 qd ubnd phe duyet ke hoach dao tao', 'tran thi bich hanh');
INSERT INTO public.filed_copies VALUES (2, '2026/Quyết định/12_QĐ-UBND_phê-duyệt-kế-hoạch-đào-tạo (2).pdf', 2026, 'Quyết định', '12', '12', 'QĐ-UBND', '2026-03-05', 'Về việc phê duyệt kế hoạch đào tạo', 'ỦY BAN NHÂN DÂN XÃ HÒA SƠN', '["Tr\u1ea7n Th\u1ecb B\u00edch H\u1ea1nh", "UBND x\u00e3 H\u00f2a S\u01a1n"]', 'pdf', 61875, '2222222222222222222222222222222222222222222222222222222222222222', false, '2026-03-05 02:40:00+00', '12 qd ubnd quyet dinh ve viec phe duyet ke hoach dao tao uy ban nhan dan xa hoa son tran thi bich hanh ubnd xa hoa son 12 qd ubnd phe duyet ke hoach dao tao 2', 'tran thi bich hanh ubnd xa hoa son');
INSERT INTO public.filed_copies VALUES (3, '2025/Công văn/05_UBND-VX_mời-dự-hội-nghị.docx', 2025, 'Công văn', '05', '5', 'UBND-VX', '2025-12-31', 'V/v mời dự hội nghị "tổng kết" 100% — đợt 2''', NULL, '["Nguy\u1ec5n V\u0103n \u0110\u1ecbnh"]', 'ooxml', 20480, '3333333333333333333333333333333333333333333333333333333333333333', false, '2025-12-31 16:59:59.123456+00', '05 ubnd vx cong van v v moi du hoi nghi tong ket 100 dot 2 nguyen van dinh 05 ubnd vx moi du hoi nghi', 'nguyen van dinh');
INSERT INTO public.filed_copies VALUES (4, '2026/Khác/Giấy mời họp.pdf', 2026, 'Khác', NULL, NULL, NULL, NULL, NULL, NULL, '[]', 'pdf', 7, '4444444444444444444444444444444444444444444444444444444444444444', false, '2026-01-02 01:00:00+00', 'khac giay moi hop', '');
INSERT INTO public.filed_copies VALUES (5, '2026/Công văn/05_STP_hướng-dẫn.pdf', 2026, 'Công văn', '05', '5', 'STP', '2026-02-01', 'Hướng dẫn', 'SỞ TƯ PHÁP', '["L\u00ea Th\u1ecb M\u1ef9 Duy\u00ean"]', 'pdf', 99, '5555555555555555555555555555555555555555555555555555555555555555', true, '2026-02-03 01:00:00+00', '05 stp cong van huong dan so tu phap le thi my duyen 05 stp huong dan', 'le thi my duyen');
SELECT pg_catalog.setval('public.filed_copies_id_seq', 5, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.filed_copies
    ADD CONSTRAINT pk_filed_copies PRIMARY KEY (id);
ALTER TABLE ONLY public.filed_copies
    ADD CONSTRAINT uq_filed_copies_path UNIQUE (path);
CREATE INDEX ix_filed_copies_date ON public.filed_copies USING btree (date);
CREATE INDEX ix_filed_copies_sha256 ON public.filed_copies USING btree (sha256);
CREATE INDEX ix_filed_copies_year_number_value_symbol ON public.filed_copies USING btree (year, number_value, symbol);
